import type { Pod, VolumeMountSpec, VolumeSpec } from '../model/kube.ts'
import { allContainers } from '../model/pod.ts'
import { volumeDirectory, type NodePaths } from './paths.ts'

/** Where the content of a volume comes from on this node. */
export type VolumeSource =
  | { readonly kind: 'empty-dir'; readonly path: string; readonly medium: string }
  | { readonly kind: 'host-path'; readonly path: string; readonly type: string }
  /** A kind that this agent does not serve, by its field name in the spec. */
  | { readonly kind: 'unsupported'; readonly field: string }

export function volumeSource(pod: Pod, volume: VolumeSpec, paths: NodePaths): VolumeSource {
  if (volume.emptyDir !== undefined) {
    const medium = volume.emptyDir.medium ?? ''
    if (medium !== '') return { kind: 'unsupported', field: `emptyDir.medium ${medium}` }
    const path = volumeDirectory(paths, pod.metadata.uid, 'kubernetes.io/empty-dir', volume.name)
    return { kind: 'empty-dir', path, medium }
  }
  if (volume.hostPath !== undefined) {
    return { kind: 'host-path', path: volume.hostPath.path, type: volume.hostPath.type ?? '' }
  }
  const field = Object.keys(volume).find((key) => key !== 'name') ?? 'without a source'
  return { kind: 'unsupported', field }
}

const serviceAccountMountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * True for the token volume that the API server's ServiceAccount admission adds to nearly every Pod. While this agent
 * does not serve such volumes, a Pod runs without the one it never asked for, and waits for one that it did ask for.
 */
export function isAutomountedToken(pod: Pod, volume: VolumeSpec): boolean {
  if (volume.secret === undefined && volume.projected === undefined) return false
  const mounts = mountsOf(pod).filter((mount) => mount.name === volume.name)
  return mounts.length > 0 && mounts.every((mount) => mount.mountPath === serviceAccountMountPath)
}

/** The volumes that some container mounts: the others are not set up and not waited for, as in the kubelet. */
export function mountedVolumes(pod: Pod): readonly VolumeSpec[] {
  const mounted = new Set(mountsOf(pod).map(({ name }) => name))
  return (pod.spec.volumes ?? []).filter((volume) => mounted.has(volume.name))
}

function mountsOf(pod: Pod): readonly VolumeMountSpec[] {
  return allContainers(pod).flatMap(({ volumeMounts }) => volumeMounts ?? [])
}
