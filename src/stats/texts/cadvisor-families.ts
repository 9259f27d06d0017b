import type { MetricLabel } from '../../metrics/metric-family.ts'
import type { Pressure } from '../../model/usage.ts'
import type { ContainerRow } from './container-row.ts'

/** One figure of a row; `labels` are its own, beside those of the row. */
export interface RowValue {
  readonly value: number
  readonly labels?: readonly MetricLabel[]
}

/** A family of `/metrics/cadvisor` (vendor/github.com/google/cadvisor/metrics/prometheus.go). */
export interface RowFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  /** What is no measurement has no time of its own. */
  readonly isFact?: true
  readonly values: (row: ContainerRow) => readonly RowValue[]
}

type Figure = (row: ContainerRow) => number | undefined

function family(type: RowFamily['type'], name: string, help: string, figure: Figure): RowFamily {
  return {
    name,
    help,
    type,
    values: (row) => {
      const value = figure(row)
      return value === undefined ? [] : [{ value }]
    },
  }
}

function counter(name: string, help: string, figure: Figure): RowFamily {
  return family('counter', name, help, figure)
}

function gauge(name: string, help: string, figure: Figure): RowFamily {
  return family('gauge', name, help, figure)
}

function fact(name: string, help: string, figure: Figure): RowFamily {
  return { ...gauge(name, help, figure), isFact: true }
}

/** Only where there is a quota is there anything to say of its periods. */
function ofQuota(row: ContainerRow, value: number): number | undefined {
  return row.details.bounds.quotaUs === undefined ? undefined : value
}

export const cpuFamilies: readonly RowFamily[] = [
  counter(
    'container_cpu_user_seconds_total',
    'Cumulative user cpu time consumed in seconds.',
    ({ usage }) => usage.cpu.userNs / 1e9,
  ),
  counter(
    'container_cpu_system_seconds_total',
    'Cumulative system cpu time consumed in seconds.',
    ({ usage }) => usage.cpu.systemNs / 1e9,
  ),
  {
    name: 'container_cpu_usage_seconds_total',
    help: 'Cumulative cpu time consumed in seconds.',
    type: 'counter',
    values: ({ usage }) =>
      usage.cpu.totalNs > 0 ? [{ value: usage.cpu.totalNs / 1e9, labels: [['cpu', 'total']] }] : [],
  },
  counter('container_cpu_cfs_periods_total', 'Number of elapsed enforcement period intervals.', (row) =>
    ofQuota(row, row.usage.cpu.periods),
  ),
  counter('container_cpu_cfs_throttled_periods_total', 'Number of throttled period intervals.', (row) =>
    ofQuota(row, row.usage.cpu.throttledPeriods),
  ),
  counter('container_cpu_cfs_throttled_seconds_total', 'Total time duration the container has been throttled.', (row) =>
    ofQuota(row, row.usage.cpu.throttledNs / 1e9),
  ),
  counter('container_cpu_cfs_burst_periods_total', 'Number of periods when burst occurs.', (row) =>
    ofQuota(row, row.usage.cpu.burstPeriods),
  ),
  counter('container_cpu_cfs_burst_seconds_total', 'Total time duration the container has been bursted.', (row) =>
    ofQuota(row, row.usage.cpu.burstNs / 1e9),
  ),
]

export const memoryFamilies: readonly RowFamily[] = [
  gauge('container_memory_cache', 'Number of bytes of page cache memory.', ({ usage }) => usage.memory.cache),
  gauge('container_memory_rss', 'Size of RSS in bytes.', ({ usage }) => usage.memory.rss),
  gauge(
    'container_memory_kernel_usage',
    'Size of kernel memory allocated in bytes.',
    ({ usage }) => usage.memory.kernel,
  ),
  gauge(
    'container_memory_mapped_file',
    'Size of memory mapped files in bytes.',
    ({ usage }) => usage.memory.mappedFile,
  ),
  gauge('container_memory_swap', 'Container swap usage in bytes.', ({ usage }) => usage.memory.swap),
  counter('container_memory_failcnt', 'Number of memory usage hits limits', ({ usage }) => usage.memory.limitHits),
  gauge(
    'container_memory_usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed',
    ({ usage }) => usage.memory.usage,
  ),
  gauge(
    'container_memory_max_usage_bytes',
    'Maximum memory usage recorded in bytes',
    ({ usage }) => usage.memory.maxUsage,
  ),
  gauge('container_memory_working_set_bytes', 'Current working set in bytes.', ({ usage }) => usage.memory.workingSet),
  gauge(
    'container_memory_total_active_file_bytes',
    'Current total active file in bytes.',
    ({ usage }) => usage.memory.activeFile,
  ),
  gauge(
    'container_memory_total_inactive_file_bytes',
    'Current total inactive file in bytes.',
    ({ usage }) => usage.memory.inactiveFile,
  ),
  {
    name: 'container_memory_failures_total',
    help: 'Cumulative count of memory allocation failures.',
    type: 'counter',
    values: ({ usage: { memory } }) =>
      (['container', 'hierarchy'] as const).flatMap((scope) => [
        { value: memory.pageFaults, labels: failure('pgfault', scope) },
        { value: memory.majorPageFaults, labels: failure('pgmajfault', scope) },
      ]),
  },
]

function failure(type: string, scope: string): readonly MetricLabel[] {
  return [
    ['failure_type', type],
    ['scope', scope],
  ]
}

export const processFamilies: readonly RowFamily[] = [
  gauge('container_processes', 'Number of processes running inside the container.', ({ processes }) => processes),
  gauge(
    'container_file_descriptors',
    'Number of open file descriptors for the container.',
    ({ files }) => files?.descriptors,
  ),
  gauge('container_sockets', 'Number of open sockets for the container.', ({ files }) => files?.sockets),
  gauge(
    'container_threads_max',
    'Maximum number of threads allowed inside the container, infinity if value is zero',
    ({ details }) => details.maxThreads,
  ),
  gauge('container_threads', 'Number of threads running inside the container', ({ details }) => details.threads),
  {
    name: 'container_ulimits_soft',
    help: 'Soft ulimit values for the container root process. Unlimited if -1, except priority and nice',
    type: 'gauge',
    values: ({ files }) =>
      files?.softLimit === undefined ? [] : [{ value: files.softLimit, labels: [['ulimit', 'max_open_files']] }],
  },
  counter(
    'container_oom_events_total',
    'Count of out of memory events observed for the container',
    ({ usage }) => usage.memory.oomKills,
  ),
]

/** Of the container as it was made, without a time. */
export const factFamilies: readonly RowFamily[] = [
  fact('container_start_time_seconds', 'Start time of the container since unix epoch in seconds.', ({ startedAtMs }) =>
    Math.trunc(startedAtMs / 1000),
  ),
  fact('container_spec_cpu_period', 'CPU period of the container.', ({ details }) => details.bounds.periodUs),
  fact('container_spec_cpu_quota', 'CPU quota of the container.', ({ details }) => details.bounds.quotaUs),
  fact('container_spec_cpu_shares', 'CPU share of the container.', ({ details }) => details.bounds.shares),
  fact('container_spec_memory_limit_bytes', 'Memory limit for the container.', ({ usage }) => usage.memory.limit ?? 0),
  fact(
    'container_spec_memory_swap_limit_bytes',
    'Memory swap limit for the container.',
    ({ usage }) => usage.memory.swapLimit ?? 0,
  ),
  fact(
    'container_spec_memory_reservation_limit_bytes',
    'Memory reservation limit for the container.',
    ({ usage }) => usage.memory.reservation,
  ),
]

const pressures: readonly {
  readonly name: string
  readonly label: string
  readonly of: (row: ContainerRow) => Pressure | undefined
}[] = [
  { name: 'cpu', label: 'CPU', of: ({ usage }) => usage.cpu.pressure },
  { name: 'memory', label: 'memory', of: ({ usage }) => usage.memory.pressure },
  { name: 'io', label: 'IO', of: ({ details }) => details.ioPressure },
]

/** Where the kernel keeps pressures of cgroups. */
export const pressureFamilies: readonly RowFamily[] = pressures.flatMap(({ name, label, of }) => [
  counter(
    `container_pressure_${name}_stalled_seconds_total`,
    `Total time duration no tasks in the container could make progress due to ${label} congestion.`,
    (row) => (of(row)?.full.totalNs ?? 0) / 1e9,
  ),
  counter(
    `container_pressure_${name}_waiting_seconds_total`,
    `Total time duration tasks in the container have waited due to ${label} congestion.`,
    (row) => (of(row)?.some.totalNs ?? 0) / 1e9,
  ),
])
