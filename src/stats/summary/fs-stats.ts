import { rfc3339 } from '../../status/rfc3339.ts'
import type { FileSystemReading, FolderReading, NodeDisks, PodReading, VolumeReading } from '../reading.ts'
import type { FsStats, VolumeStats } from './stats-types.ts'

/** A file system with what it says of itself. */
export function fileSystemStats(disk: FileSystemReading, usedBytes = disk.used): FsStats {
  return { ...spaceOf(disk, disk.atMs), usedBytes, inodesUsed: disk.inodes - disk.inodesFree }
}

/** What something takes up in a file system that it shares; what has not been counted yet is left out. */
export function shareStats(disk: FileSystemReading, share: FolderReading | undefined, atMs: number): FsStats {
  const used = share === undefined ? {} : { usedBytes: share.bytes, inodesUsed: share.inodes }
  return { ...spaceOf(disk, atMs), ...used }
}

/**
 * What a container's log takes up. The files of Docker are the container's only, so what is said of their inodes is said of
 * them, where the kubelet with cAdvisor says how many the whole disk has.
 */
export function volumeStats(namespace: string, { name, claimName, fileSystem, content }: VolumeReading): VolumeStats {
  const ref = claimName === undefined ? {} : { pvcRef: { name: claimName, namespace } }
  return { ...shareStats(fileSystem, content, content.atMs), name, ...ref }
}

/** All that a Pod takes up of the node's disk (calcEphemeralStorage in pkg/kubelet/stats/helper.go). */
export function ephemeralStorage(disk: FileSystemReading, pod: PodReading): FsStats {
  const volumes = pod.volumes.filter(({ isLocalEphemeral }) => isLocalEphemeral).map(({ content }) => content)
  const parts = [...pod.containers.flatMap(({ rootfs, log }) => [rootfs, log]), ...volumes, pod.hostsFile]
  const known = parts.filter((part) => part !== undefined)
  const atMs = Math.max(disk.atMs, ...known.map((part) => part.atMs))
  if (known.length === 0) return spaceOf(disk, atMs)
  const bytes = known.reduce((sum, part) => sum + part.bytes, 0)
  const inodes = known.reduce((sum, part) => sum + part.inodes, 0)
  return shareStats(disk, { atMs, bytes, inodes }, atMs)
}

/** Images and writable layers lie in one place, Docker's: the kubelet says the same of both then. */
export function runtimeStats({ images, imageBytes }: NodeDisks): {
  readonly runtime?: { readonly imageFs: FsStats; readonly containerFs: FsStats }
} {
  if (images === undefined) return {}
  // Images share layers, each of which counts for every one that has it.
  const stats = fileSystemStats(images, Math.min(imageBytes ?? images.used, images.used))
  return { runtime: { imageFs: stats, containerFs: stats } }
}

function spaceOf({ available, capacity, inodes, inodesFree }: FileSystemReading, atMs: number): FsStats {
  return { time: rfc3339(atMs), availableBytes: available, capacityBytes: capacity, inodesFree, inodes }
}
