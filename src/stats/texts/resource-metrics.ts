import type { MetricFamily, MetricLabel, MetricSample } from '../../metrics/metric-family.ts'
import type { ContainerReading, NodeReading, PodReading, UsageRow } from '../reading.ts'

/**
 * The families of `/metrics/resource` (pkg/kubelet/metrics/collectors/resource_metrics.go), which metrics-server reads: of
 * each figure with the time at which it was measured. `undefined` for what could not be read at all.
 */
export function resourceMetrics(reading: NodeReading | undefined): readonly MetricFamily[] {
  const pods = reading?.pods ?? []
  const containers = pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container })))
  const node = reading?.row === undefined ? [] : [reading.row]
  const error = gauge(
    'resource_scrape_error',
    'STABLE',
    '1 if there was an error while getting container metrics, 0 otherwise',
    [{ labels: [], value: reading === undefined ? 1 : 0 }],
  )
  const ofNode = (value: (row: UsageRow) => number): readonly MetricSample[] =>
    node.map((row) => at(row, [], value(row)))
  const ofContainers = (value: (row: UsageRow) => number | undefined): readonly MetricSample[] =>
    containers.flatMap(({ pod, container }) => sampleOf(container.row, containerLabels(pod, container), value))
  const ofPods = (value: (row: UsageRow) => number | undefined): readonly MetricSample[] =>
    pods.flatMap((pod) => (pod.row === undefined ? [] : sampleOf(pod.row, podLabels(pod), value)))
  return [
    counter(
      'node_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the node in core-seconds',
      ofNode(cpuSeconds),
    ),
    gauge('node_memory_working_set_bytes', 'STABLE', 'Current working set of the node in bytes', ofNode(workingSet)),
    gauge('node_swap_usage_bytes', 'ALPHA', `Current swap usage of the node in bytes. ${notOnWindows}`, ofNode(swap)),
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the container in core-seconds',
      ofContainers(cpuSeconds),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'STABLE',
      'Current working set of the container in bytes',
      ofContainers(workingSet),
    ),
    gauge(
      'container_swap_usage_bytes',
      'ALPHA',
      `Current amount of the container swap usage in bytes. ${notOnWindows}`,
      ofContainers(swap),
    ),
    gauge(
      'container_swap_limit_bytes',
      'ALPHA',
      `Current amount of the container swap limit in bytes. ${notOnWindows}`,
      ofContainers(swapLimit),
    ),
    gauge(
      'container_start_time_seconds',
      'STABLE',
      'Start time of the container since unix epoch in seconds',
      containers.map(({ pod, container }) => ({
        labels: containerLabels(pod, container),
        value: container.startedAtMs / 1000,
      })),
    ),
    counter(
      'pod_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the pod in core-seconds',
      ofPods(cpuSeconds),
    ),
    gauge('pod_memory_working_set_bytes', 'STABLE', 'Current working set of the pod in bytes', ofPods(workingSet)),
    gauge(
      'pod_swap_usage_bytes',
      'ALPHA',
      `Current amount of the pod swap usage in bytes. ${notOnWindows}`,
      ofPods(swap),
    ),
    error,
  ]
}

const notOnWindows = 'Reported only on non-windows systems'

function cpuSeconds({ usage }: UsageRow): number {
  return usage.cpu.totalNs / 1e9
}

function workingSet({ usage }: UsageRow): number {
  return usage.memory.workingSet
}

function swap({ usage }: UsageRow): number {
  return usage.memory.swap
}

function swapLimit({ usage }: UsageRow): number | undefined {
  return usage.memory.swapLimit
}

function sampleOf(
  row: UsageRow,
  labels: readonly MetricLabel[],
  value: (row: UsageRow) => number | undefined,
): readonly MetricSample[] {
  const known = value(row)
  return known === undefined ? [] : [at(row, labels, known)]
}

function at({ usage }: UsageRow, labels: readonly MetricLabel[], value: number): MetricSample {
  return { labels, value, timestampMs: usage.atMs }
}

function containerLabels({ owner }: PodReading, { name }: ContainerReading): readonly MetricLabel[] {
  return [
    ['container', name],
    ['namespace', owner.podNamespace],
    ['pod', owner.podName],
  ]
}

function podLabels({ owner }: PodReading): readonly MetricLabel[] {
  return [
    ['namespace', owner.podNamespace],
    ['pod', owner.podName],
  ]
}

/** The kubelet writes how stable a family is before what it says. */
function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help: `[STABLE] ${help}`, type: 'counter', samples }
}

function gauge(
  name: string,
  stability: 'STABLE' | 'ALPHA',
  help: string,
  samples: readonly MetricSample[],
): MetricFamily {
  return { name, help: `[${stability}] ${help}`, type: 'gauge', samples }
}
