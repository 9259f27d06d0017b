import type { DiskPart } from '../pressure/disk-layout.ts'

/** What something takes up on a disk. */
export interface DiskAmount {
  readonly bytes: number
  readonly inodes: number
}

export interface ContainerUse {
  readonly name: string
  /** Bytes of its working set; `undefined` where that is not known, as with all of these. */
  readonly memory: number | undefined
  readonly rootfs: DiskAmount | undefined
  readonly logs: DiskAmount | undefined
}

export interface VolumeUse extends DiskAmount {
  readonly name: string
  /** It counts as ephemeral storage of the Pod (IsLocalEphemeralVolume in pkg/volume/util). */
  readonly isLocalEphemeral: boolean
}

/** What a Pod uses, as far as it has been measured. */
export interface PodUse {
  /** Bytes of the working set of all of it. */
  readonly memory: number | undefined
  readonly processes: number
  /** Those that run. */
  readonly containers: readonly ContainerUse[]
  readonly volumes: readonly VolumeUse[]
  /** Its file of hosts. */
  readonly hostsFile: DiskAmount | undefined
}

/** What of it lies in these places (podDiskUsage in pkg/kubelet/eviction/helpers.go). */
export function diskUse({ containers, volumes }: PodUse, parts: readonly DiskPart[]): DiskAmount {
  return sum([
    ...containers.flatMap(({ rootfs, logs }) => [
      parts.includes('rootfs') ? rootfs : undefined,
      parts.includes('logs') ? logs : undefined,
    ]),
    ...(parts.includes('volumes') ? volumes.filter(({ isLocalEphemeral }) => isLocalEphemeral) : []),
  ])
}

/** All that it takes up of what nobody keeps when it is gone (calcEphemeralStorage in pkg/kubelet/stats/helper.go). */
export function ephemeralUse(use: PodUse): DiskAmount {
  return sum([diskUse(use, ['rootfs', 'logs', 'volumes']), use.hostsFile])
}

function sum(parts: readonly (DiskAmount | undefined)[]): DiskAmount {
  return parts.reduce<DiskAmount>(
    (all, part) => ({ bytes: all.bytes + (part?.bytes ?? 0), inodes: all.inodes + (part?.inodes ?? 0) }),
    { bytes: 0, inodes: 0 },
  )
}
