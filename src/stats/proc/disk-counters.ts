/**
 * What the kernel counts of a block device since the machine was started
 * (Documentation/admin-guide/iostats.rst in Linux).
 */
export interface DiskCounters {
  readonly readsCompleted: number
  readonly readsMerged: number
  /** Of 512 bytes, whatever the device's own are. */
  readonly sectorsRead: number
  readonly readMs: number
  readonly writesCompleted: number
  readonly writesMerged: number
  readonly sectorsWritten: number
  readonly writeMs: number
  /** Begun and not yet done. */
  readonly inProgress: number
  readonly busyMs: number
  /** Each moment times what was in progress at it. */
  readonly weightedMs: number
}

/** `/proc/diskstats`, by the numbers of devices (`8 0 sda 1234 …` is `8:0`). */
export function parseDiskCounters(diskstats: string): ReadonlyMap<string, DiskCounters> {
  const counters = new Map<string, DiskCounters>()
  for (const line of diskstats.split('\n')) {
    const [major, minor, name, ...counts] = line.trim().split(/\s+/u)
    if (name === undefined) continue
    const at = (index: number): number => Number(counts[index] ?? 0)
    counters.set(`${major}:${minor}`, {
      readsCompleted: at(0),
      readsMerged: at(1),
      sectorsRead: at(2),
      readMs: at(3),
      writesCompleted: at(4),
      writesMerged: at(5),
      sectorsWritten: at(6),
      writeMs: at(7),
      inProgress: at(8),
      busyMs: at(9),
      weightedMs: at(10),
    })
  }
  return counters
}

/**
 * Where each block device is mounted, by its numbers: `/` rather than a folder that Docker or the agent has mounted of the
 * same device.
 */
export function mountedDevices(mountInfo: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , numbers, , at] = before.split(' ')
    if (numbers === undefined || at === undefined || after.split(' ')[1]?.startsWith('/dev/') !== true) continue
    const known = places.get(numbers)
    if (known === undefined || at.length < known.length) places.set(numbers, at)
  }
  return places
}
