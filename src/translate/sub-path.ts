import { KubeletError } from '../model/errors.ts'
import type { ContainerSpec, VolumeMountSpec } from '../model/kube.ts'
import { goQuote } from '../util/go-quote.ts'
import { expandWith, type Environment } from './environment/expand.ts'
import { subPathTarget, type NodePaths } from './paths.ts'
import type { MountedVolume } from './volumes/mounted-volume.ts'

/** True when some mount of the container shows only a part of its volume. */
export function usesSubPaths({ volumeMounts = [] }: ContainerSpec): boolean {
  return volumeMounts.some(({ subPath, subPathExpr }) => Boolean(subPath) || Boolean(subPathExpr))
}

/**
 * Which part of its volume a mount shows, below it; empty for the whole of it (makeMounts in pkg/kubelet/kubelet_pods.go).
 * Throws `not-found` where a variable has no value, and `invalid` for a path that could lead out of the volume, both in the
 * kubelet's words.
 */
export function mountedSubPath(mount: VolumeMountSpec, environment: Environment): string {
  const path = mount.subPathExpr ? expandedPath(mount.subPathExpr, environment) : (mount.subPath ?? '')
  if (path.startsWith('/')) {
    throw new KubeletError('invalid', `error SubPath \`${path}\` must not be an absolute path`)
  }
  if (path.split('/').includes('..')) {
    throw new KubeletError('invalid', `unable to provision SubPath \`${path}\`: must not contain '..'`)
  }
  return path
}

/** A variable that is empty counts as none: the path would be another one than whoever wrote it means. */
function expandedPath(expression: string, environment: Environment): string {
  const missing = new Set<string>()
  const path = expandWith(expression, (name) => {
    const value = environment.get(name) ?? ''
    if (value === '') missing.add(name)
    return value
  })
  if (missing.size === 0) return path
  throw new KubeletError('not-found', `missing value for ${[...missing].toSorted().join(', ')}`)
}

/** A part of a volume that one of a container's mounts shows. */
export interface SubPath {
  readonly volumeName: string
  /** The volume on this host. */
  readonly volumePath: string
  /** Below it: relative, without `..`. */
  readonly path: string
  readonly containerName: string
  /** Where it is bound for Docker to mount it. */
  readonly target: string
}

/**
 * What is to be bound before the container is made, in the order of its mounts. Of images Docker shows parts by itself.
 * Throws as `mountedSubPath` does.
 */
export function subPathsOf(
  uid: string,
  container: ContainerSpec,
  { paths, volumes, variables }: SubPathFacts,
): readonly SubPath[] {
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const path = mountedSubPath(mount, variables)
    const volume = volumes.get(mount.name)
    if (path === '' || volume?.kind !== 'path') return []
    const target = subPathTarget(paths, { uid, volume: mount.name, container: container.name, index })
    return [{ volumeName: mount.name, volumePath: volume.path, path, containerName: container.name, target }]
  })
}

export interface SubPathFacts {
  readonly paths: NodePaths
  /** The Pod's volumes that have been set up, by name. */
  readonly volumes: ReadonlyMap<string, MountedVolume>
  /** The container's environment. */
  readonly variables: Environment
}

/** What the kubelet says of a part that can't be shown; it tells nothing of the host. */
export function cannotPrepareSubPath(volumeName: string, containerName: string): string {
  return `failed to prepare subPath for volumeMount ${goQuote(volumeName)} of container ${goQuote(containerName)}`
}
