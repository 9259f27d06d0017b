/** One line of a scrape: `name{label="value"} 1`. */
export interface ScrapedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/u
const labelPart = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/uy

/**
 * A scrape, read as strictly as the format (version 0.0.4) is written: each family has one HELP, one TYPE and its samples
 * after those, without another family between, and no sample comes twice. Throws for anything else.
 */
export class Scraped {
  readonly samples: readonly ScrapedSample[]

  constructor(text: string) {
    if (!text.endsWith('\n')) throw new Error('A scrape ends with the end of a line')
    const families = new Set<string>()
    const seen = new Set<string>()
    const samples: ScrapedSample[] = []
    let family: { readonly name: string; readonly type: string } | undefined
    let help: string | undefined
    for (const line of text.slice(0, -1).split('\n')) {
      const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/u.exec(line) ?? []
      if (keyword === 'HELP') {
        if (families.has(name)) throw new Error(`Family ${name} comes twice`)
        families.add(name)
        help = name
      } else if (keyword === 'TYPE') {
        if (help !== name) throw new Error(`Type of ${name} after the help of ${help}`)
        family = { name, type: rest }
      } else {
        const sample = readSample(line)
        const key = line.slice(0, line.lastIndexOf(' '))
        if (seen.has(key)) throw new Error(`Twice in a scrape: ${key}`)
        seen.add(key)
        const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
        if (!suffixes.some((suffix) => sample.name === `${family?.name}${suffix}`)) {
          throw new Error(`${sample.name} stands below ${family?.name}`)
        }
        samples.push(sample)
      }
    }
    this.samples = samples
  }

  /** The value of the one sample of this name that has these labels, perhaps among others; `undefined` for none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.of(name).filter((sample) =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} with ${JSON.stringify(labels)}`)
    return found[0]?.value
  }

  of(name: string): readonly ScrapedSample[] {
    return this.samples.filter((sample) => sample.name === name)
  }
}

function readSample(line: string): ScrapedSample {
  const [, name = '', text = '', value = ''] = sampleLine.exec(line) ?? []
  if (name === '') throw new Error(`No sample: ${line}`)
  const labels: Record<string, string> = {}
  labelPart.lastIndex = 0
  while (labelPart.lastIndex < text.length) {
    const at = labelPart.lastIndex
    const [, label = '', escaped = ''] = labelPart.exec(text) ?? []
    if (label === '' || label in labels) throw new Error(`Labels of ${line} at ${at}`)
    labels[label] = escaped.replaceAll(/\\(.)/gu, (_, character: string) => (character === 'n' ? '\n' : character))
  }
  const known: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity, NaN }
  const number = known[value] ?? Number(value)
  if (Number.isNaN(number) && value !== 'NaN') throw new Error(`No number: ${line}`)
  return { name, labels, value: number }
}
