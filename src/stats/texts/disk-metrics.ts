import type { MetricFamily, MetricLabel, MetricSample } from '../../metrics/metric-family.ts'
import type { ObservedOwner } from '../../model/observed.ts'
import type { FolderReading, VolumeReading } from '../reading.ts'

/** What a Pod takes up of disks. */
export interface PodDiskReading {
  readonly owner: ObservedOwner
  /** By container; of those only that have been measured. */
  readonly logs: ReadonlyMap<string, FolderReading>
  readonly volumes: readonly VolumeReading[]
}

/**
 * The families of `/metrics` that tell of disks: volumes by their claims, each once however many Pods use it, and logs
 * (volume_stats.go and log_metrics.go in pkg/kubelet/metrics/collectors).
 */
export function diskMetrics(pods: readonly PodDiskReading[]): readonly MetricFamily[] {
  const claims = claimsOf(pods)
  const ofClaims = (name: string, help: string, value: (volume: VolumeReading) => number): MetricFamily =>
    gauge(
      `kubelet_volume_stats_${name}`,
      help,
      claims.map(([labels, volume]) => ({ labels, value: value(volume) })),
    )
  return [
    ofClaims('capacity_bytes', 'Capacity in bytes of the volume', ({ fileSystem }) => fileSystem.capacity),
    ofClaims('available_bytes', 'Number of available bytes in the volume', ({ fileSystem }) => fileSystem.available),
    ofClaims('used_bytes', 'Number of used bytes in the volume', ({ content }) => content.bytes),
    ofClaims('inodes', 'Maximum number of inodes in the volume', ({ fileSystem }) => fileSystem.inodes),
    ofClaims('inodes_free', 'Number of free inodes in the volume', ({ fileSystem }) => fileSystem.inodesFree),
    ofClaims('inodes_used', 'Number of used inodes in the volume', ({ content }) => content.inodes),
    gauge(
      'kubelet_container_log_filesystem_used_bytes',
      "Bytes used by the container's logs on the filesystem.",
      pods.flatMap(({ owner, logs }) =>
        [...logs].map(([container, { bytes }]) => ({ labels: logLabels(owner, container), value: bytes })),
      ),
    ),
  ]
}

function claimsOf(pods: readonly PodDiskReading[]): readonly (readonly [readonly MetricLabel[], VolumeReading])[] {
  const claims = new Map<string, readonly [readonly MetricLabel[], VolumeReading]>()
  for (const { owner, volumes } of pods) {
    for (const volume of volumes) {
      const { claimName } = volume
      const key = `${owner.podNamespace}/${claimName}`
      if (claimName === undefined || claims.has(key)) continue
      const labels: readonly MetricLabel[] = [
        ['namespace', owner.podNamespace],
        ['persistentvolumeclaim', claimName],
      ]
      claims.set(key, [labels, volume])
    }
  }
  return [...claims.values()]
}

function logLabels({ podUid, podNamespace, podName }: ObservedOwner, container: string): readonly MetricLabel[] {
  return [
    ['container', container],
    ['namespace', podNamespace],
    ['pod', podName],
    ['uid', podUid],
  ]
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help: `[ALPHA] ${help}`, type: 'gauge', samples }
}
