import { join, sep } from 'node:path'
import type { Pod } from '../../model/kube.ts'
import { podDirectory, type NodePaths } from '../../translate/paths.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import { mountedVolumes, volumeSource } from '../../translate/volumes/volume-source.ts'

/** A volume of a Pod, and how it is measured: what is in its folder, or what its file system says of itself. */
export interface MeasuredVolume {
  readonly name: string
  readonly claimName: string | undefined
  readonly isLocalEphemeral: boolean
  readonly by: 'content' | 'file-system'
  readonly path: string
}

/**
 * The volumes of a Pod that can be measured, as the kubelet's plugins do it (pkg/volume): emptyDirs and volumes of files by
 * what is in them, NFS and local volumes by their file systems; paths of the host and images not at all. `mounted` has those
 * that are set up, of claims in particular.
 */
export function measuredVolumes(
  pod: Pod,
  mounted: ReadonlyMap<string, MountedVolume>,
  paths: NodePaths,
): readonly MeasuredVolume[] {
  return mountedVolumes(pod).flatMap((volume): readonly MeasuredVolume[] => {
    const { name } = volume
    const source = volumeSource(pod, volume, paths)
    switch (source.kind) {
      case 'empty-dir': {
        const isLocalEphemeral = source.medium === ''
        return [{ name, claimName: undefined, isLocalEphemeral, by: 'content', path: source.path }]
      }
      case 'projected': {
        const isLocalEphemeral = volume.configMap !== undefined
        return [{ name, claimName: undefined, isLocalEphemeral, by: 'content', path: source.path }]
      }
      case 'nfs':
        return [{ name, claimName: undefined, isLocalEphemeral: false, by: 'file-system', path: source.path }]
      case 'claim': {
        const at = mounted.get(name)
        // What of it lies elsewhere is a path of the host.
        const own = join(podDirectory(paths, pod.metadata.uid), 'volumes') + sep
        if (at?.kind !== 'path' || !at.path.startsWith(own)) return []
        return [{ name, claimName: source.claimName, isLocalEphemeral: false, by: 'file-system', path: at.path }]
      }
      case 'host-path':
      case 'image':
      case 'unsupported':
        return []
      default:
        return source satisfies never
    }
  })
}
