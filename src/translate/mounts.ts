import { KubeletError } from '../model/errors.ts'
import type { DockerMount } from '../model/docker.ts'
import type { ContainerSpec, Pod, VolumeMountSpec } from '../model/kube.ts'
import { hostsFilePath, terminationMessageFile, type NodePaths } from './paths.ts'
import { isAutomountedToken, volumeSource } from './volume-source.ts'

const hostsMountPath = '/etc/hosts'

/**
 * The mounts of one instance of a container, in the kubelet's order: the volumes, the managed /etc/hosts unless a volume
 * stands there, the termination message file. Throws `invalid` with the kubelet's text for a mount that cannot be.
 */
export function containerMounts(
  pod: Pod,
  container: ContainerSpec,
  attempt: number,
  paths: NodePaths,
): readonly DockerMount[] {
  const mounts = (container.volumeMounts ?? []).flatMap((mount) => volumeMount(pod, container, mount, paths))
  const { uid } = pod.metadata
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
  paths: NodePaths,
): readonly DockerMount[] {
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name)
  if (volume === undefined) {
    throw new KubeletError('invalid', `cannot find volume "${mount.name}" to mount into container "${container.name}"`)
  }
  if (isAutomountedToken(pod, volume)) return []
  const source = volumeSource(pod, volume, paths)
  if (source.kind === 'unsupported') {
    throw new KubeletError('unsupported', `volume "${volume.name}" (${source.field}) is not supported by minikubelet`)
  }
  const readOnly = mount.readOnly === true
  const options = {
    ...propagation(mount.mountPropagation),
    // Kubernetes' read-only is not recursive; Docker's has been since 25.
    ...(readOnly ? { ReadOnlyNonRecursive: true } : {}),
    ...(source.kind === 'host-path' && source.type === '' ? { CreateMountpoint: true } : {}),
  }
  const target = mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`
  return [
    {
      Type: 'bind',
      Source: source.path,
      Target: target,
      ...(readOnly ? { ReadOnly: true } : {}),
      ...(Object.keys(options).length > 0 ? { BindOptions: options } : {}),
    },
  ]
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
