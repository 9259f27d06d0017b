import type { InterfaceUsage } from '../../model/usage.ts'

export interface MemInfo {
  readonly totalBytes: number
  readonly freeBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
}

/** `/proc/meminfo`, which counts in KiB. */
export function parseMemInfo(text: string): MemInfo {
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'mu').exec(text)?.[1] ?? 0) * 1024
  return {
    totalBytes: bytes('MemTotal'),
    freeBytes: bytes('MemFree'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  }
}

/** Interfaces that cAdvisor leaves out: the loopback, and what leads to containers. */
const ignored = /^(?:lo|veth|docker|nerdctl)/iu

/** `/proc/<pid>/net/dev`: a line for each interface, as `eth0: 1 2 …`, received before transmitted. */
export function parseNetDev(text: string): readonly InterfaceUsage[] {
  return text.split('\n').flatMap((line): readonly InterfaceUsage[] => {
    const [, name, rest] = /^\s*(\S+):\s*(.*)$/u.exec(line) ?? []
    if (name === undefined || rest === undefined || ignored.test(name)) return []
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0, , , , , ...sent] = rest.split(/\s+/u).map(Number)
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = sent
    return [{ name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }]
  })
}

/** When the machine was started, by `btime` in `/proc/stat`; 0 where that is not said. */
export function bootTimeMs(stat: string): number {
  return Number(/^btime (\d+)$/mu.exec(stat)?.[1] ?? 0) * 1000
}

/** The threads that there are, by `/proc/loadavg` (`0.20 0.18 0.12 1/80 11206`). */
export function threadCount(loadavg: string): number | undefined {
  const count = /^(?:\S+ ){3}\d+\/(\d+) /u.exec(loadavg)?.[1]
  return count === undefined ? undefined : Number(count)
}

/** The soft limit on open files in `/proc/<pid>/limits`; -1 for none (processRootProcUlimits in cAdvisor). */
export function openFilesLimit(limits: string): number | undefined {
  const value = /^Max open files\s+(\S+)/mu.exec(limits)?.[1]
  if (value === undefined) return undefined
  return value === 'unlimited' ? -1 : Number(value)
}

/**
 * The writable layer behind `/` in `/proc/<pid>/mountinfo` of a process in a container;
 * `undefined` where it is no overlay.
 */
export function upperFolder(mountInfo: string): string | undefined {
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    if (before.split(' ')[4] !== '/' || !after.startsWith('overlay ')) continue
    const escaped = /(?:^|,)upperdir=([^,\s]+)/u.exec(after)?.[1]
    return escaped?.replaceAll(/\\(\d{3})/gu, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
  }
  return undefined
}

/** The device, as `8:1`, and its file, as `/dev/sda1`, of the file system that a folder lies in: the mount nearest to it. */
export function deviceOf(
  mountInfo: string,
  folder: string,
): { readonly numbers: string; readonly source: string } | undefined {
  const mounts = mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , numbers, , at] = before.split(' ')
    const source = after.split(' ')[1]
    const isAbove = at !== undefined && (at === '/' || folder === at || folder.startsWith(`${at}/`))
    return numbers === undefined || source === undefined || !isAbove ? [] : [{ numbers, source, at }]
  })
  // Of two at one place the later hides the other.
  return mounts.toSorted((one, other) => one.at.length - other.at.length).at(-1)
}

/** The names of block devices by their numbers, from `/proc/diskstats` (`8 0 sda 1234 …`). */
export function blockDevices(diskstats: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of diskstats.split('\n')) {
    const [, major, minor, name] = /^\s*(\d+)\s+(\d+)\s+(\S+)/u.exec(line) ?? []
    if (name !== undefined) names.set(`${major}:${minor}`, `/dev/${name}`)
  }
  return names
}

/** What `/proc/<pid>/stat` says of a process: times in ticks of a hundredth of a second, memory in pages. */
export interface ProcessStat {
  readonly parent: number
  readonly name: string
  readonly cpuTicks: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  readonly startTicks: number
  readonly rssPages: number
}

/** `1234 (name) S 1 …`; a name may hold anything, parentheses and spaces too. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/su.exec(text) ?? []
  if (name === undefined || rest === undefined) return undefined
  const fields = rest.split(' ').map(Number)
  const at = (index: number): number => fields[index - 3] ?? 0
  return {
    parent: at(4),
    name,
    pageFaults: at(10),
    majorPageFaults: at(12),
    cpuTicks: at(14) + at(15),
    startTicks: at(22),
    rssPages: at(24),
  }
}
