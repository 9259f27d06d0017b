import type { CgroupDetails, CpuBounds, CpuUsage, DeviceIo, MemoryUsage } from '../../model/usage.ts'
import { sharesOfWeight } from '../../translate/resources/cpu-time.ts'
import { keyValues, memoryLimit, wholeNumber, workingSet } from './key-values.ts'
import { parsePressure } from './parse-pressure.ts'

/** Reads a file of one cgroup; `undefined` where there is none. The text is trimmed. */
export type ReadUnified = (name: string) => string | undefined

/** What the machine's own memory says of itself, for the root: it has no files of its own for that. */
export interface RootMemory {
  readonly usage: number
  readonly swap: number
}

/** CPU time of a cgroup of version 2. `undefined` where there is no such cgroup. */
export function cpuOfV2(read: ReadUnified): CpuUsage | undefined {
  const text = read('cpu.stat')
  if (text === undefined) return undefined
  const stat = keyValues(text)
  const ns = (key: string): number => (stat[key] ?? 0) * 1000
  return {
    totalNs: ns('usage_usec'),
    userNs: ns('user_usec'),
    systemNs: ns('system_usec'),
    periods: stat['nr_periods'] ?? 0,
    throttledPeriods: stat['nr_throttled'] ?? 0,
    throttledNs: ns('throttled_usec'),
    burstPeriods: stat['nr_bursts'] ?? 0,
    burstNs: ns('burst_usec'),
    pressure: parsePressure(read('cpu.pressure')),
  }
}

/** Memory of a cgroup of version 2, with those below it. `undefined` where there is no such cgroup. */
export function memoryOfV2(read: ReadUnified, root?: RootMemory): MemoryUsage | undefined {
  const text = read('memory.stat')
  const current = root === undefined ? read('memory.current') : String(root.usage)
  if (text === undefined || current === undefined) return undefined
  const stat = keyValues(text)
  const events = keyValues(read('memory.events') ?? '')
  const inactiveFile = stat['inactive_file'] ?? 0
  return {
    usage: wholeNumber(current),
    maxUsage: wholeNumber(read('memory.peak')),
    workingSet: workingSet(wholeNumber(current), inactiveFile),
    rss: stat['anon'] ?? 0,
    cache: stat['file'] ?? 0,
    mappedFile: stat['file_mapped'] ?? 0,
    kernel: stat['kernel'] ?? 0,
    swap: root === undefined ? wholeNumber(read('memory.swap.current')) : root.swap,
    activeFile: stat['active_file'] ?? 0,
    inactiveFile,
    pageFaults: stat['pgfault'] ?? 0,
    majorPageFaults: stat['pgmajfault'] ?? 0,
    limitHits: events['max'] ?? 0,
    oomKills: events['oom_kill'] ?? 0,
    limit: memoryLimit(read('memory.max')),
    swapLimit: memoryLimit(read('memory.swap.max')),
    reservation: memoryLimit(read('memory.min')) ?? 0,
    pressure: parsePressure(read('memory.pressure')),
  }
}

export function detailsOfV2(read: ReadUnified): CgroupDetails {
  return {
    bounds: boundsOf(read),
    devices: devicesOfV2(read('io.stat') ?? ''),
    ioPressure: parsePressure(read('io.pressure')),
    threads: wholeNumber(read('pids.current')),
    maxThreads: wholeNumber(read('pids.max')),
  }
}

function boundsOf(read: ReadUnified): CpuBounds {
  const weight = wholeNumber(read('cpu.weight'))
  const [quota, period] = (read('cpu.max') ?? '').split(' ')
  const quotaUs = wholeNumber(quota)
  return {
    shares: weight > 0 ? sharesOfWeight(weight) : 0,
    periodUs: wholeNumber(period),
    quotaUs: quotaUs > 0 ? quotaUs : undefined,
  }
}

/** `io.stat` by the words of version 1, which metrics go by. */
const names = [
  { name: 'Read', bytes: 'rbytes', operations: 'rios' },
  { name: 'Write', bytes: 'wbytes', operations: 'wios' },
  { name: 'Discard', bytes: 'dbytes', operations: 'dios' },
] as const

/** Lines like `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`. */
export function devicesOfV2(text: string): readonly DeviceIo[] {
  return text.split('\n').flatMap((line): readonly DeviceIo[] => {
    const [, major, minor, rest] = /^(\d+):(\d+) (.*)$/u.exec(line) ?? []
    if (rest === undefined) return []
    const values = keyValues(rest.replaceAll(' ', '\n').replaceAll('=', ' '))
    const of = (kind: 'bytes' | 'operations'): Record<string, number> =>
      Object.fromEntries(names.map((each) => [each.name, values[each[kind]] ?? 0]))
    return [{ major: Number(major), minor: Number(minor), bytes: of('bytes'), operations: of('operations') }]
  })
}
