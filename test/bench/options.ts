import { parseArgs } from 'node:util'

/** What can be measured, in the order in which it is. */
export const parts = [
  'single',
  'containers',
  'volumes',
  'tokens',
  'burst',
  'restart',
  'probes',
  'scrape',
  'logs',
  'raw-burst',
  'scale',
  'churn',
  'steps',
] as const
export type PartName = (typeof parts)[number]

/** Flags that take a whole number from 1 on: their default, and what they say. */
const numbers = {
  rounds: [12, 'Pods one at a time, as many with a volume of a thousand files, and with a token'],
  sized: [5, 'Pods each of 1, 2, 4 and 8 containers'],
  bursts: [2, 'how often Pods at once'],
  idle: [20, 'seconds for which a node is watched while nothing happens'],
  running: [100, 'Pods that run while the agent is restarted'],
  restarts: [3, 'how often it is'],
  probed: [100, 'Pods with a probe each second'],
  probing: [30, 'seconds for which those are watched'],
  scraped: [100, 'containers whose use is asked for each 15 s'],
  scraping: [30, 'seconds for which that goes on'],
  log: [128, 'MiB of a log that is read'],
  reads: [3, 'how often'],
  minutes: [2, 'minutes of Pods that come and go, for `churn`'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>
type NumberName = keyof typeof numbers

export interface BenchOptions extends Readonly<Record<NumberName, number>> {
  /** Pods at once, one number after the other. */
  readonly pods: readonly number[]
  readonly only: ReadonlySet<PartName>
  /** Measure the real kubelet on the same Docker, too. */
  readonly peer: boolean
  /** Where the figures go as JSON, beside the table, and the chart as SVG. */
  readonly json: string | undefined
  readonly chart: string | undefined
  /** JSON of earlier runs, to be shown together; nothing is measured then. */
  readonly from: readonly string[]
  /** Run the agent under V8's CPU profiler and with its debug log, and say where the time goes. */
  readonly profile: boolean
  /** A built `main.js` instead of the one that is built from this checkout. */
  readonly agent: string | undefined
  /** Where the agent's logs and profiles are kept; otherwise they go with the run. */
  readonly keep: string | undefined
}

export const usage = `npm run bench -- [options]: what a Pod costs, as a ratio to the same work done by Docker alone

${[
  ['peer', 'the real kubelet 1.20 too, on the same Docker (the first time it is built, in 2 minutes)'],
  ['only A,B', `only these of ${parts.join(', ')}`],
  ['json FILE', 'writes every figure there; the chart goes beside it, as FILE.svg'],
  ['chart FILE', 'writes the chart there'],
  ['from A,B', 'shows the JSON of these runs as one table and one chart, and measures nothing'],
  ['pods N,M', 'Pods at once (10,40,100)'],
  ...Object.entries(numbers).map(([name, [usual, says]]) => [`${name} N`, `${says} (${usual})`]),
  ['profile', "where the agent's time goes: functions, and steps of a Pod (its figures are no measure then)"],
  ['agent FILE', "a built main.js instead of this checkout's"],
  ['keep DIR', "keeps the agent's logs and profiles there"],
]
  .map(([flag = '', says = '']) => `  --${flag.padEnd(12)} ${says}`)
  .join('\n')}`

/** Reads the command line; `undefined` when it asks for help. Throws `TypeError` for what it can't be. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...numberFlags(),
      pods: { type: 'string', default: '10,40,100' },
      only: { type: 'string', default: parts.join(',') },
      peer: { type: 'boolean', default: false },
      json: { type: 'string' },
      chart: { type: 'string' },
      from: { type: 'string' },
      profile: { type: 'boolean', default: false },
      agent: { type: 'string' },
      keep: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { peer, json, profile, agent, keep } = values
  return {
    ...readNumbers(values),
    pods: values.pods.split(',').map((value) => count('--pods', value)),
    only: new Set(values.only.split(',').map(part)),
    peer,
    json,
    chart: values.chart ?? (json === undefined ? undefined : `${json.replace(/\.json$/u, '')}.svg`),
    from: values.from?.split(',') ?? [],
    profile,
    agent,
    keep,
  }
}

type StringFlag = { readonly type: 'string'; readonly default: string }

function numberFlags(): Record<NumberName, StringFlag> {
  return mapNumbers((name) => ({ type: 'string', default: String(numbers[name][0]) }))
}

function readNumbers(values: Readonly<Record<NumberName, string>>): Readonly<Record<NumberName, number>> {
  return mapNumbers((name) => count(`--${name}`, values[name]))
}

/** Spelled out, so that the compiler knows of each that it is there. */
function mapNumbers<T>(of: (name: NumberName) => T): Record<NumberName, T> {
  return {
    rounds: of('rounds'),
    sized: of('sized'),
    bursts: of('bursts'),
    idle: of('idle'),
    running: of('running'),
    restarts: of('restarts'),
    probed: of('probed'),
    probing: of('probing'),
    scraped: of('scraped'),
    scraping: of('scraping'),
    log: of('log'),
    reads: of('reads'),
    minutes: of('minutes'),
  }
}

function count(flag: string, value: string): number {
  if (/^[1-9]\d*$/u.test(value)) return Number(value)
  throw new TypeError(`${flag} "${value}": expected a whole number from 1 on`)
}

function part(value: string): PartName {
  const known = parts.find((candidate) => candidate === value)
  if (known !== undefined) return known
  throw new TypeError(`--only "${value}": expected some of ${parts.join(', ')}`)
}
