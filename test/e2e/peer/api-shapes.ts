import type { ApiServer } from './api-server.ts'

/** The paths of a JSON text and the kinds of what is there; members of lists by their names. */
export function shapeOf(text: string, isKept: (path: string) => boolean = () => true): ReadonlyMap<string, string> {
  return new Map(
    [...leaves(JSON.parse(text), '')].filter(([path]) => isKept(path)).map(([path, value]) => [path, kindOf(value)]),
  )
}

/** Its numbers, by path. */
export function numbersOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...leaves(JSON.parse(text), '')].flatMap(([path, value]) =>
      typeof value === 'number' ? [[path, value] as const] : [],
    ),
  )
}

function* leaves(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    yield [path, value]
    for (const item of value) yield* leaves(item, `${path}[${nameOf(item)}]`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) yield* leaves(each, `${path}.${name}`)
  } else yield [path, value]
}

function nameOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return ''
  if ('name' in item) return String(item.name)
  if ('metadata' in item) return nameOf(item.metadata)
  if ('podRef' in item) return nameOf(item.podRef)
  return 'type' in item ? String(item.type) : ''
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'string') return value === null ? 'null' : typeof value
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u.test(value) ? 'time' : 'string'
}

/** The families of a scrape: type and names of labels, by name. */
export function familiesOf(text: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  const labels = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [, family = '', type = ''] = /^# TYPE (\S+) (\S+)$/u.exec(line) ?? []
    if (family !== '') types.set(family, type)
    if (line === '' || line.startsWith('#')) continue
    const [, sample = '', list = ''] = /^([^{ ]+)(?:\{(.*)\})? /u.exec(line) ?? []
    const name = types.has(sample) ? sample : sample.replace(/_(?:bucket|sum|count)$/u, '')
    const own = labels.get(name) ?? new Set()
    labels.set(name, own)
    for (const [, label = ''] of list.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/gu)) own.add(label)
  }
  return new Map(
    [...types].map(([name, type]) => [name, [type, ...[...(labels.get(name) ?? [])].toSorted()].join(' ')]),
  )
}

export const scrapes: readonly string[] = ['/metrics', '/metrics/resource', '/metrics/cadvisor', '/metrics/probes']

export async function readFrom(server: ApiServer, path: string): Promise<string> {
  const { status, body } = await server.ask({ path })
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
  return body
}
