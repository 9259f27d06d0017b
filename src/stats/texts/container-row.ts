import type { CgroupDetails, InterfaceUsage, ResourceUsage } from '../../model/usage.ts'
import type { MetricLabel } from '../../metrics/metric-family.ts'
import type { DiskCounters } from '../proc/disk-counters.ts'
import { sandboxContainerName } from '../../model/labels.ts'
import type {
  ContainerReading,
  FileSystemReading,
  FolderReading,
  NodeReading,
  OpenFiles,
  PodReading,
  UsageRow,
} from '../reading.ts'
import { noDetails } from '../sum-rows.ts'

/** One cgroup as `/metrics/cadvisor` shows it. */
export interface ContainerRow {
  /** In the order of the alphabet: container, id, image, name, namespace, pod; empty where there is none. */
  readonly labels: readonly MetricLabel[]
  readonly startedAtMs: number
  readonly usage: ResourceUsage
  readonly details: CgroupDetails
  /** A sandbox, of which only little is read: it does nothing but hold the Pod's network. */
  readonly isSandbox: boolean
  readonly processes: number
  readonly files: OpenFiles | undefined
  readonly interfaces: readonly InterfaceUsage[]
  /** What it takes up of a disk, and the device of that. */
  readonly disk: { readonly system: FileSystemReading; readonly share: FolderReading } | undefined
  /** All that the machine has; of the node alone. */
  readonly mounted: readonly MountedDisk[]
}

/** A block device of the machine: how full the file system on it is, and what was done with it. */
export interface MountedDisk {
  /** `/dev/sda1` */
  readonly device: string
  readonly major: number
  readonly minor: number
  readonly system: FileSystemReading
  readonly io: DiskCounters
}

interface Names {
  readonly container?: string
  readonly image?: string
  readonly name?: string
  readonly pod?: PodReading
}

/** A row for the node, for all Pods together, for each Pod and for each of its containers, its sandbox as `POD`. */
export function containerRows(reading: NodeReading, mounted: readonly MountedDisk[]): readonly ContainerRow[] {
  const { row, system, pods, interfaces, disks } = reading
  const all = system.find(({ name }) => name === 'pods')?.row
  return [
    ...(row === undefined ? [] : rowOf(row, {}, { interfaces: interfaces ?? [], mounted })),
    ...(all === undefined ? [] : rowOf(all, {}, {})),
    ...pods.flatMap((pod) => [
      ...(pod.row !== undefined && pod.hasCgroup ? rowOf(pod.row, { pod }, {}) : []),
      ...(pod.sandbox === undefined
        ? []
        : rowOf(pod.sandbox.row, namesOf(pod, pod.sandbox), { interfaces: pod.interfaces ?? [] })),
      ...pod.containers.flatMap((container) =>
        rowOf(container.row, namesOf(pod, container), {
          startedAtMs: container.startedAtMs,
          disk: diskOf(disks?.images, container),
        }),
      ),
    ]),
  ]
}

type Extras = Partial<Pick<ContainerRow, 'interfaces' | 'disk' | 'mounted' | 'startedAtMs'>>

function rowOf(
  row: UsageRow,
  { container = '', image = '', name = '', pod }: Names,
  extras: Extras,
): readonly ContainerRow[] {
  const { id, usage, details, processes, files, sinceMs } = row
  const isSandbox = container === sandboxContainerName
  if (details === undefined && !isSandbox) return []
  const labels: readonly MetricLabel[] = [
    ['container', container],
    ['id', id],
    ['image', image],
    ['name', name],
    ['namespace', pod?.owner.podNamespace ?? ''],
    ['pod', pod?.owner.podName ?? ''],
  ]
  const { interfaces = [], disk, mounted = [], startedAtMs = sinceMs } = extras
  const own = { startedAtMs, usage, details: details ?? noDetails, isSandbox, processes, files }
  return [{ labels, ...own, interfaces, disk, mounted }]
}

function namesOf(pod: PodReading, { name, image, dockerName }: ContainerReading): Names {
  return { container: name, image, name: dockerName, pod }
}

function diskOf(system: FileSystemReading | undefined, { rootfs }: ContainerReading): ContainerRow['disk'] {
  return system === undefined || rootfs === undefined ? undefined : { system, share: rootfs }
}
