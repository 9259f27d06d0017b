import { KubeletError } from '../model/errors.ts'
import type { DockerMount } from '../model/docker.ts'
import type { ContainerSpec, Pod, VolumeMountSpec } from '../model/kube.ts'
import { hostsFilePath, terminationMessageFile, type NodePaths } from './paths.ts'
import type { MountedVolume } from './volumes/mounted-volume.ts'
import { isAutomountedToken } from './volumes/volume-source.ts'

const hostsMountPath = '/etc/hosts'

/** What of a container's mounts is not in the Pod. */
export interface MountFacts {
  readonly attempt: number
  readonly paths: NodePaths
  /** The Pod's volumes that have been set up, by name. */
  readonly volumes: ReadonlyMap<string, MountedVolume>
}

/**
 * The mounts of one instance of a container, in the kubelet's order: the volumes, the managed /etc/hosts unless a volume
 * stands there, the termination message file. Throws `invalid` with the kubelet's text for a mount that cannot be.
 */
export function containerMounts(pod: Pod, container: ContainerSpec, facts: MountFacts): readonly DockerMount[] {
  const mounts = (container.volumeMounts ?? []).flatMap((mount) => volumeMount(pod, container, mount, facts))
  const { uid } = pod.metadata
  const { attempt, paths } = facts
  const targets = new Set(mounts.map((mount) => mount.Target))
  const managed: DockerMount[] = []
  if (!targets.has(hostsMountPath)) {
    managed.push({ Type: 'bind', Source: hostsFilePath(paths, uid), Target: hostsMountPath })
  }
  const messagePath = container.terminationMessagePath ?? ''
  if (messagePath !== '') {
    managed.push({
      Type: 'bind',
      Source: terminationMessageFile(paths, uid, container.name, attempt),
      Target: messagePath,
    })
  }
  return [...mounts, ...managed]
}

function volumeMount(
  pod: Pod,
  container: ContainerSpec,
  mount: VolumeMountSpec,
  { volumes }: MountFacts,
): readonly DockerMount[] {
  const volume = volumes.get(mount.name)
  if (volume === undefined) {
    const spec = pod.spec.volumes?.find(({ name }) => name === mount.name)
    if (spec !== undefined && isAutomountedToken(pod, spec)) return []
    throw new KubeletError('invalid', `cannot find volume "${mount.name}" to mount into container "${container.name}"`)
  }
  const target = mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`
  switch (volume.kind) {
    case 'path':
      return [bindMount(volume, mount, target)]
    case 'image':
      throw new KubeletError('unsupported', `volume "${mount.name}" is an image, which this node cannot mount yet`)
    default:
      return volume satisfies never
  }
}

function bindMount(
  { path, mayBeMissing, ...volume }: Extract<MountedVolume, { kind: 'path' }>,
  mount: VolumeMountSpec,
  target: string,
): DockerMount {
  const readOnly = volume.readOnly || mount.readOnly === true
  const options = {
    ...propagation(mount.mountPropagation),
    // Kubernetes' read-only is not recursive; Docker's has been since 25.
    ...(readOnly ? { ReadOnlyNonRecursive: true } : {}),
    ...(mayBeMissing ? { CreateMountpoint: true } : {}),
  }
  return {
    Type: 'bind',
    Source: path,
    Target: target,
    ...(readOnly ? { ReadOnly: true } : {}),
    ...(Object.keys(options).length > 0 ? { BindOptions: options } : {}),
  }
}

function propagation(mode: string | undefined): NonNullable<DockerMount['BindOptions']> {
  switch (mode) {
    case undefined:
    case '':
    case 'None':
      return {}
    case 'HostToContainer':
      return { Propagation: 'rslave' }
    case 'Bidirectional':
      return { Propagation: 'rshared' }
    default:
      throw new KubeletError('invalid', `invalid MountPropagation mode: "${mode}"`)
  }
}
