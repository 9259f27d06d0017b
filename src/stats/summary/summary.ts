import { rfc3339 } from '../../status/rfc3339.ts'
import type { ContainerReading, Extent, NodeReading, PodReading, SystemReading, UsageRow } from '../reading.ts'
import { isResourcesOnly } from '../reading.ts'
import { ephemeralStorage, fileSystemStats, runtimeStats, shareStats, volumeStats } from './fs-stats.ts'
import { ioStats, networkStats, resourceStats } from './resource-stats.ts'
import type { ContainerStats, NodeStats, PodStats, Summary } from './stats-types.ts'

/** The answer to `/stats/summary` (pkg/kubelet/server/stats/summary.go): of CPU and memory alone, or of everything. */
export function summaryOf(reading: NodeReading, extent: Extent): Summary {
  if (isResourcesOnly(extent)) {
    return { node: nodeResources(reading), pods: reading.pods.map(podResources) }
  }
  // A Pod without a start is one that nobody has reported yet: the kubelet leaves it out until then.
  const pods = reading.pods.filter(({ startedAtMs }) => startedAtMs !== undefined)
  return { node: nodeStats(reading), pods: pods.map((pod) => podStats(reading, pod)) }
}

function nodeResources({ nodeName, bootedAtMs, row, system }: NodeReading): NodeStats {
  return {
    nodeName,
    systemContainers: system.map(({ name, row: own }) => containerResources(name, own)),
    startTime: rfc3339(bootedAtMs),
    ...(row === undefined ? {} : resourceStats(row)),
  }
}

function nodeStats(reading: NodeReading): NodeStats {
  const { row, system, disks, interfaces, threads } = reading
  const { node } = disks ?? {}
  return {
    ...nodeResources(reading),
    systemContainers: system.map(systemStats),
    ...(row === undefined ? {} : ioStats(row)),
    ...(interfaces === undefined ? {} : { network: networkStats(reading.atMs, interfaces) }),
    ...(node === undefined ? {} : { fs: fileSystemStats(node) }),
    ...(disks === undefined ? {} : runtimeStats(disks)),
    ...(threads === undefined ? {} : { rlimit: rlimitOf(threads) }),
  }
}

function rlimitOf({ atMs, max, count }: NonNullable<NodeReading['threads']>): NonNullable<NodeStats['rlimit']> {
  return {
    time: rfc3339(atMs),
    ...(max === undefined ? {} : { maxpid: max }),
    ...(count === undefined ? {} : { curproc: count }),
  }
}

function systemStats({ name, row }: SystemReading): ContainerStats {
  return { ...containerResources(name, row), ...ioStats(row) }
}

function containerResources(name: string, row: UsageRow): ContainerStats {
  return { name, startTime: rfc3339(row.sinceMs), ...resourceStats(row) }
}

function podResources(pod: PodReading): PodStats {
  const startedAtMs = pod.sandboxStartedAtMs ?? pod.startedAtMs
  return {
    podRef: podRef(pod),
    startTime: startedAtMs === undefined ? null : rfc3339(startedAtMs),
    containers: pod.containers.map(({ name, row, startedAtMs: sinceMs }) =>
      containerResources(name, { ...row, sinceMs }),
    ),
    ...(pod.row === undefined ? {} : resourceStats(pod.row)),
  }
}

function podStats(reading: NodeReading, pod: PodReading): PodStats {
  const { row, interfaces, volumes, containers, processes, startedAtMs = 0 } = pod
  const { node } = reading.disks ?? {}
  return {
    ...podResources(pod),
    startTime: rfc3339(startedAtMs),
    containers: containers.map((container) => containerStats(reading, container)),
    ...(row === undefined ? {} : ioStats(row)),
    ...(interfaces === undefined ? {} : { network: networkStats(reading.atMs, interfaces) }),
    ...(volumes.length === 0 ? {} : { volume: volumes.map((volume) => volumeStats(pod.owner.podNamespace, volume)) }),
    ...(node === undefined ? {} : { 'ephemeral-storage': ephemeralStorage(node, pod) }),
    process_stats: { process_count: processes },
  }
}

function containerStats({ disks }: NodeReading, container: ContainerReading): ContainerStats {
  const { name, row, startedAtMs: sinceMs, rootfs, log } = container
  const images = disks?.images
  return {
    ...containerResources(name, { ...row, sinceMs }),
    ...ioStats(row),
    // Docker's logs lie where its layers do.
    ...(images === undefined
      ? {}
      : { rootfs: shareStats(images, rootfs, row.usage.atMs), logs: shareStats(images, log, row.usage.atMs) }),
  }
}

function podRef({ owner }: PodReading): PodStats['podRef'] {
  return { name: owner.podName, namespace: owner.podNamespace, uid: owner.podUid }
}
