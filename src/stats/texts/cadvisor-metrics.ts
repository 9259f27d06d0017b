import type { MetricFamily, MetricLabel, MetricSample } from '../../metrics/metric-family.ts'
import type { NodeReading } from '../reading.ts'
import {
  cpuFamilies,
  factFamilies,
  memoryFamilies,
  pressureFamilies,
  processFamilies,
  type RowFamily,
} from './cadvisor-families.ts'
import { containerRows, type ContainerRow, type MountedDisk } from './container-row.ts'
import { diskFamilies, networkFamilies, type Devices } from './device-families.ts'
import { machineFamilies, type Machine } from './machine.ts'
import { mountedFamilies } from './mounted-families.ts'

export interface CadvisorFacts {
  readonly devices: Devices
  /** Those of the machine; none where that is another one than Docker's. */
  readonly mounted: readonly MountedDisk[]
  readonly machine: Machine
  /** The kernel keeps pressures of cgroups. */
  readonly hasPressure: boolean
}

/** The families of `/metrics/cadvisor`. Samples are made one by one as they are written. */
export function cadvisorMetrics(
  reading: NodeReading,
  { devices, mounted, machine, hasPressure }: CadvisorFacts,
): readonly MetricFamily[] {
  const rows = containerRows(reading, mounted)
  const families = [
    ...cpuFamilies,
    ...memoryFamilies,
    ...processFamilies,
    ...factFamilies,
    ...diskFamilies(devices),
    ...mountedFamilies,
    ...networkFamilies,
    ...(hasPressure ? pressureFamilies : []),
  ]
  return [
    ...families.map((family) => metricFamily(family, rows)),
    lastSeen(rows, reading.atMs),
    {
      name: 'container_scrape_error',
      help: '1 if there was an error while getting container metrics, 0 otherwise',
      type: 'gauge',
      samples: [{ labels: [], value: 0 }],
    },
    ...machineFamilies(machine),
  ]
}

function metricFamily(family: RowFamily, rows: readonly ContainerRow[]): MetricFamily {
  const { name, help, type } = family
  return { name, help, type, samples: { [Symbol.iterator]: () => samplesOf(family, rows) } }
}

function* samplesOf({ name, values, isFact }: RowFamily, rows: readonly ContainerRow[]): Generator<MetricSample> {
  for (const row of rows) {
    if (row.isSandbox && !ofSandboxes.test(name)) continue
    for (const { value, labels } of values(row)) {
      const sample = { labels: labels === undefined ? row.labels : merged(row.labels, labels), value }
      yield isFact === true ? sample : { ...sample, timestampMs: row.usage.atMs }
    }
  }
}

/** The families that tell of sandboxes: their network, and a little of their CPU and memory. */
const ofSandboxes =
  /^container_(?:network_.*|cpu_usage_seconds_total|memory_(?:usage_bytes|working_set_bytes|rss|cache|swap|mapped_file)|processes|start_time_seconds)$/u

function lastSeen(rows: readonly ContainerRow[], atMs: number): MetricFamily {
  return {
    name: 'container_last_seen',
    help: 'Last time a container was seen by the exporter',
    type: 'gauge',
    samples: rows.map(({ labels }) => ({ labels, value: Math.trunc(atMs / 1000), timestampMs: atMs })),
  }
}

/** In the order of the alphabet. */
function merged(own: readonly MetricLabel[], more: readonly MetricLabel[]): readonly MetricLabel[] {
  return [...own, ...more].toSorted(([one], [other]) => (one < other ? -1 : 1))
}
