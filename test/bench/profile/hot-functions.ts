import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The part of a `.cpuprofile` that is read here (Chrome DevTools protocol, `Profiler.Profile`). */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

const shown = 40
/** No work: the agent waits. */
const waiting = '(idle)'

/** Where the time of a profile went: functions, and the packages or rooms they belong to, by self time. */
export function formatFunctions(text: string): string {
  const profile: CpuProfile = JSON.parse(text)
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const functions = new Map<string, number>()
  const places = new Map<string, number>()
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === waiting) continue
    const ms = (profile.timeDeltas[index] ?? 0) / 1000
    const where = placeOf(frame.url)
    busy += ms
    add(functions, `${frame.functionName || '(anonymous)'}  ${where}:${frame.lineNumber + 1}`, ms)
    add(places, roomOf(where), ms)
  }
  return [
    `CPU profile: ${busy.toFixed(0)} ms busy`,
    ...top(places, busy, shown / 2),
    '',
    ...top(functions, busy, shown),
  ].join('\n')
}

function add(sums: Map<string, number>, key: string, ms: number): void {
  sums.set(key, (sums.get(key) ?? 0) + ms)
}

function top(sums: ReadonlyMap<string, number>, total: number, count: number): readonly string[] {
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, ms]) => `${ms.toFixed(1).padStart(8)} ms  ${((ms / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
}

function placeOf(url: string): string {
  if (url === '') return 'V8'
  return url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url
}

/** `node_modules/pino`, `dist/sync`, `node:internal`: what a reader can do something about. */
function roomOf(place: string): string {
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1]
  if (dependency !== undefined) return dependency
  if (place.startsWith('node:')) return place.replace(/^node:internal\/([^/]+).*$/, 'node:internal/$1')
  return /dist\/([^/]+)/.exec(place)?.[0] ?? place
}
