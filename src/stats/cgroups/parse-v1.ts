import type { CgroupDetails, CpuBounds, CpuUsage, DeviceIo, MemoryUsage } from '../../model/usage.ts'
import { keyValues, memoryLimit, wholeNumber, workingSet } from './key-values.ts'
import { parsePressure } from './parse-pressure.ts'

/** Reads a file of one cgroup by its controller and name; `undefined` where there is none. The text is trimmed. */
export type ReadFile = (controller: string, name: string) => string | undefined

/** `cpuacct.stat` counts in USER_HZ, which is 100 for every program of Linux. */
const tickNs = 1e7

/** CPU time of a cgroup of version 1 (as cAdvisor and runc read it). `undefined` where there is no such cgroup. */
export function cpuOfV1(read: ReadFile): CpuUsage | undefined {
  const usage = read('cpuacct', 'cpuacct.usage')
  if (usage === undefined) return undefined
  const { user = 0, system = 0 } = keyValues(read('cpuacct', 'cpuacct.stat') ?? '')
  const stat = keyValues(read('cpu', 'cpu.stat') ?? '')
  return {
    totalNs: wholeNumber(usage),
    userNs: user * tickNs,
    systemNs: system * tickNs,
    periods: stat['nr_periods'] ?? 0,
    throttledPeriods: stat['nr_throttled'] ?? 0,
    throttledNs: stat['throttled_time'] ?? 0,
    burstPeriods: stat['nr_bursts'] ?? 0,
    burstNs: stat['burst_time'] ?? 0,
    // Where version 2 is mounted beside, its files know what version 1 has none for.
    pressure: parsePressure(read('unified', 'cpu.pressure')),
  }
}

/** Memory of a cgroup of version 1, with those below it but for page faults. `undefined` where there is no such cgroup. */
export function memoryOfV1(read: ReadFile): MemoryUsage | undefined {
  const usage = read('memory', 'memory.usage_in_bytes')
  const text = read('memory', 'memory.stat')
  if (usage === undefined || text === undefined) return undefined
  const stat = keyValues(text)
  const inactiveFile = stat['total_inactive_file'] ?? 0
  return {
    usage: wholeNumber(usage),
    maxUsage: wholeNumber(read('memory', 'memory.max_usage_in_bytes')),
    workingSet: workingSet(wholeNumber(usage), inactiveFile),
    rss: stat['total_rss'] ?? 0,
    cache: stat['total_cache'] ?? 0,
    mappedFile: stat['total_mapped_file'] ?? 0,
    kernel: wholeNumber(read('memory', 'memory.kmem.usage_in_bytes')),
    swap: stat['total_swap'] ?? 0,
    activeFile: stat['total_active_file'] ?? 0,
    inactiveFile,
    pageFaults: stat['pgfault'] ?? 0,
    majorPageFaults: stat['pgmajfault'] ?? 0,
    limitHits: wholeNumber(read('memory', 'memory.failcnt')),
    oomKills: keyValues(read('memory', 'memory.oom_control') ?? '')['oom_kill'] ?? 0,
    limit: memoryLimit(read('memory', 'memory.limit_in_bytes')),
    swapLimit: memoryLimit(read('memory', 'memory.memsw.limit_in_bytes')),
    reservation: memoryLimit(read('memory', 'memory.soft_limit_in_bytes')) ?? 0,
    pressure: parsePressure(read('unified', 'memory.pressure')),
  }
}

export function detailsOfV1(read: ReadFile): CgroupDetails {
  return {
    bounds: boundsOf(read),
    devices: devicesOfV1(
      read('blkio', 'blkio.throttle.io_service_bytes_recursive') ?? '',
      read('blkio', 'blkio.throttle.io_serviced_recursive') ?? '',
    ),
    ioPressure: parsePressure(read('unified', 'io.pressure')),
    threads: wholeNumber(read('pids', 'pids.current')),
    maxThreads: wholeNumber(read('pids', 'pids.max')),
  }
}

function boundsOf(read: ReadFile): CpuBounds {
  const quotaUs = wholeNumber(read('cpu', 'cpu.cfs_quota_us'))
  return {
    shares: wholeNumber(read('cpu', 'cpu.shares')),
    periodUs: wholeNumber(read('cpu', 'cpu.cfs_period_us')),
    quotaUs: quotaUs > 0 ? quotaUs : undefined,
  }
}

/** Lines like `8:0 Read 4096`; a line without a device is a sum of all. */
export function devicesOfV1(bytesText: string, operationsText: string): readonly DeviceIo[] {
  const bytes = byDevice(bytesText)
  const operations = byDevice(operationsText)
  return [...new Set([...bytes.keys(), ...operations.keys()])].map((device) => {
    const [major = 0, minor = 0] = device.split(':').map(Number)
    return { major, minor, bytes: bytes.get(device) ?? {}, operations: operations.get(device) ?? {} }
  })
}

function byDevice(text: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const devices = new Map<string, Record<string, number>>()
  for (const line of text.split('\n')) {
    const [, device, operation, value] = /^(\d+:\d+) (\w+) (\d+)$/u.exec(line) ?? []
    if (device === undefined || operation === undefined) continue
    const values = devices.get(device) ?? {}
    values[operation] = Number(value)
    devices.set(device, values)
  }
  return devices
}
