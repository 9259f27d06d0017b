import type { ContainerUsage, CpuUsage, DeviceIo, InterfaceUsage, MemoryUsage } from '../model/usage.ts'
import { asObject, numberAt, objectAt, objectsAt, textAt, timeAt, type JsonObject } from './docker-json.ts'

/**
 * `GET /containers/ID/stats` as the port has it; `undefined` of a container that does not run, of
 * which Docker knows no number.
 */
export function observeUsage(answer: unknown): ContainerUsage | undefined {
  const stats = asObject(answer, 'stats')
  const cpu = cpuOf(objectAt(stats, 'cpu_stats'))
  const memory = memoryOf(objectAt(stats, 'memory_stats'))
  if (cpu.totalNs === 0 || memory.usage === 0) return undefined
  const pids = objectAt(stats, 'pids_stats')
  return {
    atMs: timeAt(stats, 'read') ?? 0,
    cpu,
    memory,
    bounds: { shares: 0, periodUs: 0, quotaUs: undefined },
    devices: devicesOf(objectAt(stats, 'blkio_stats')),
    ioPressure: undefined,
    threads: numberAt(pids, 'current'),
    maxThreads: boundedAt(pids, 'limit') ?? 0,
    interfaces: Object.entries(objectAt(stats, 'networks')).map(([name, each]) =>
      interfaceOf(name, asObject(each, name)),
    ),
  }
}

function cpuOf(stats: JsonObject): CpuUsage {
  const usage = objectAt(stats, 'cpu_usage')
  const throttling = objectAt(stats, 'throttling_data')
  return {
    totalNs: numberAt(usage, 'total_usage'),
    userNs: numberAt(usage, 'usage_in_usermode'),
    systemNs: numberAt(usage, 'usage_in_kernelmode'),
    periods: numberAt(throttling, 'periods'),
    throttledPeriods: numberAt(throttling, 'throttled_periods'),
    throttledNs: numberAt(throttling, 'throttled_time'),
    burstPeriods: 0,
    burstNs: 0,
    pressure: undefined,
  }
}

/** Docker hands on what the kernel says, by the names of version 1 or of version 2. */
function memoryOf(stats: JsonObject): MemoryUsage {
  const said = objectAt(stats, 'stats')
  const either = (first: string, second: string): number => numberAt(said, first) || numberAt(said, second)
  const usage = numberAt(stats, 'usage')
  const inactiveFile = either('total_inactive_file', 'inactive_file')
  return {
    usage,
    maxUsage: numberAt(stats, 'max_usage'),
    workingSet: Math.max(0, usage - inactiveFile),
    rss: either('total_rss', 'anon'),
    cache: either('total_cache', 'file'),
    mappedFile: either('total_mapped_file', 'file_mapped'),
    kernel: numberAt(said, 'kernel_stack') + numberAt(said, 'slab'),
    swap: numberAt(said, 'total_swap'),
    activeFile: either('total_active_file', 'active_file'),
    inactiveFile,
    pageFaults: numberAt(said, 'pgfault'),
    majorPageFaults: numberAt(said, 'pgmajfault'),
    limitHits: numberAt(stats, 'failcnt'),
    oomKills: 0,
    limit: boundedAt(stats, 'limit'),
    swapLimit: boundedAt(said, 'hierarchical_memsw_limit'),
    reservation: 0,
    pressure: undefined,
  }
}

/** What is larger than memory can be is no bound. */
function boundedAt(object: JsonObject, key: string): number | undefined {
  const value = numberAt(object, key)
  return value === 0 || value > 2 ** 62 ? undefined : value
}

function devicesOf(stats: JsonObject): readonly DeviceIo[] {
  const bytes = byDevice(stats, 'io_service_bytes_recursive')
  const operations = byDevice(stats, 'io_serviced_recursive')
  return [...new Set([...bytes.keys(), ...operations.keys()])].map((device) => {
    const [major = 0, minor = 0] = device.split(':').map(Number)
    return { major, minor, bytes: bytes.get(device) ?? {}, operations: operations.get(device) ?? {} }
  })
}

function byDevice(stats: JsonObject, key: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const devices = new Map<string, Record<string, number>>()
  for (const entry of objectsAt(stats, key)) {
    const device = `${numberAt(entry, 'major')}:${numberAt(entry, 'minor')}`
    const values = devices.get(device) ?? {}
    values[operationOf(textAt(entry, 'op'))] = numberAt(entry, 'value')
    devices.set(device, values)
  }
  return devices
}

/** Of version 2 Docker says `read`, of version 1 `Read`. */
function operationOf(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

function interfaceOf(name: string, stats: JsonObject): InterfaceUsage {
  return {
    name,
    rxBytes: numberAt(stats, 'rx_bytes'),
    rxPackets: numberAt(stats, 'rx_packets'),
    rxErrors: numberAt(stats, 'rx_errors'),
    rxDropped: numberAt(stats, 'rx_dropped'),
    txBytes: numberAt(stats, 'tx_bytes'),
    txPackets: numberAt(stats, 'tx_packets'),
    txErrors: numberAt(stats, 'tx_errors'),
    txDropped: numberAt(stats, 'tx_dropped'),
  }
}
