/**
 * What a cgroup has used, whoever has read it: the kernel's files of version 1 or 2, or Docker's answer. Counters begin
 * with the cgroup. What a kernel does not keep is 0, or `undefined` where 0 would say something else.
 */
export interface PressureShare {
  readonly totalNs: number
  /** Per cent of the last 10, 60 and 300 seconds. */
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
}

/** Pressure stall information: the time that some processes, or all, have waited for a resource. */
export interface Pressure {
  readonly some: PressureShare
  readonly full: PressureShare
}

export interface CpuUsage {
  /** Nanoseconds on a CPU, all CPUs together; in user space and in the kernel. */
  readonly totalNs: number
  readonly userNs: number
  readonly systemNs: number
  /** Periods of the CFS quota that have passed, those in which it was used up, and for how long it held processes up. */
  readonly periods: number
  readonly throttledPeriods: number
  readonly throttledNs: number
  readonly burstPeriods: number
  readonly burstNs: number
  readonly pressure: Pressure | undefined
}

/** All in bytes, but for what counts events. */
export interface MemoryUsage {
  readonly usage: number
  readonly maxUsage: number
  /** Usage without what the kernel would give up first: file pages that nobody has asked for lately. */
  readonly workingSet: number
  readonly rss: number
  readonly cache: number
  readonly mappedFile: number
  readonly kernel: number
  readonly swap: number
  readonly activeFile: number
  readonly inactiveFile: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  /** How often a limit was hit, and how many processes were killed for memory. */
  readonly limitHits: number
  readonly oomKills: number
  /** `undefined` for no limit. */
  readonly limit: number | undefined
  readonly swapLimit: number | undefined
  readonly reservation: number
  readonly pressure: Pressure | undefined
}

/** What was read from and written to one device, by the kernel's word for it: `Read`, `Write`, `Discard`, … */
export interface DeviceIo {
  readonly major: number
  readonly minor: number
  readonly bytes: Readonly<Record<string, number>>
  readonly operations: Readonly<Record<string, number>>
}

/** What a scrape of CPU and memory alone needs. */
export interface ResourceUsage {
  readonly atMs: number
  readonly cpu: CpuUsage
  readonly memory: MemoryUsage
}

export interface CpuBounds {
  /** As version 1 counts them, 1024 for a CPU. */
  readonly shares: number
  readonly periodUs: number
  /** `undefined` for no quota. */
  readonly quotaUs: number | undefined
}

/** The rest of what a cgroup tells. */
export interface CgroupDetails {
  readonly bounds: CpuBounds
  readonly devices: readonly DeviceIo[]
  readonly ioPressure: Pressure | undefined
  /** Processes and threads; 0 of `maxThreads` for no limit. */
  readonly threads: number
  readonly maxThreads: number
}

/** One network interface as `/proc/<pid>/net/dev` counts it. */
export interface InterfaceUsage {
  readonly name: string
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxErrors: number
  readonly rxDropped: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txErrors: number
  readonly txDropped: number
}

/** What Docker itself tells of a container that runs. */
export interface ContainerUsage extends ResourceUsage, CgroupDetails {
  /** Of the network namespace that it made; none where it joined another's. */
  readonly interfaces: readonly InterfaceUsage[]
}
