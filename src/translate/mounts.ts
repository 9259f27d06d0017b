import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { DockerBindMount, DockerMount } from '../model/docker.ts'
import type { ContainerSpec, Pod, VolumeMountSpec } from '../model/kube.ts'
import { hostsFilePath, subPathTarget, terminationMessageFile } from './paths.ts'
import { isRecursiveReadOnly } from './recursive-read-only.ts'
import { mountedSubPath, type SubPathFacts } from './sub-path.ts'
import type { MountedVolume } from './volumes/mounted-volume.ts'

const hostsMountPath = '/etc/hosts'

/** What of a container's mounts is not in the Pod. */
export interface MountFacts extends SubPathFacts {
  readonly attempt: number
  /** The container's runtime can make a mount read-only together with what is mounted beneath it. */
  readonly recursiveReadOnly: boolean
}

/**
 * The mounts of one instance of a container, in the kubelet's order: the volumes, the managed /etc/hosts unless a volume
 * stands there, the termination message file. Parts of volumes are mounted from where they have to be bound before, see
 * `subPathsOf`. Throws `invalid` with the kubelet's text for a mount that cannot be.
 */
export function containerMounts(pod: Pod, container: ContainerSpec, facts: MountFacts): readonly DockerMount[] {
  const mounts = (container.volumeMounts ?? []).flatMap((mount, index) =>
    volumeMount(pod, container, { mount, index, facts }),
  )
  const { uid } = pod.metadata
  const { attempt, paths } = facts
  const targets = new Set(mounts.map((mount) => posix.resolve('/', mount.Target)))
  const managed: DockerMount[] = []
  if (!targets.has(hostsMountPath)) {
    managed.push({ Type: 'bind', Source: hostsFilePath(paths, uid), Target: hostsMountPath })
  }
  const messagePath = container.terminationMessagePath ?? ''
  if (messagePath !== '') {
    managed.push({
      Type: 'bind',
      Source: terminationMessageFile(paths, uid, container.name, attempt),
      Target: absolute(messagePath),
    })
  }
  return [...mounts, ...managed]
}

interface OneMount {
  readonly mount: VolumeMountSpec
  /** In the container's list. */
  readonly index: number
  readonly facts: MountFacts
}

function volumeMount(pod: Pod, container: ContainerSpec, one: OneMount): readonly DockerMount[] {
  const { mount, index, facts } = one
  const volume = facts.volumes.get(mount.name)
  if (volume === undefined) {
    throw new KubeletError('invalid', `cannot find volume "${mount.name}" to mount into container "${container.name}"`)
  }
  const subPath = mountedSubPath(mount, facts.variables)
  switch (volume.kind) {
    case 'path': {
      if (subPath === '') return [bindMount(volume, one)]
      const of = { uid: pod.metadata.uid, volume: mount.name, container: container.name, index }
      return [bindMount({ ...volume, path: subPathTarget(facts.paths, of), mayBeMissing: false }, one)]
    }
    case 'image': {
      const part = subPath === '' ? {} : { ImageOptions: { Subpath: subPath } }
      return [{ Type: 'image', Source: volume.reference, Target: absolute(mount.mountPath), ...part }]
    }
    default:
      return volume satisfies never
  }
}

function bindMount(
  { path, mayBeMissing, ...volume }: Extract<MountedVolume, { kind: 'path' }>,
  { mount, facts }: OneMount,
): DockerBindMount {
  const readOnly = volume.readOnly || mount.readOnly === true
  const isRecursive = isRecursiveReadOnly(mount, facts.recursiveReadOnly)
  const options = {
    ...propagation(mount.mountPropagation),
    ...(readOnly ? readOnlyOptions(isRecursive) : {}),
    ...(mayBeMissing ? { CreateMountpoint: true } : {}),
  }
  return {
    Type: 'bind',
    Source: path,
    Target: absolute(mount.mountPath),
    ...(readOnly ? { ReadOnly: true } : {}),
    ...(Object.keys(options).length > 0 ? { BindOptions: options } : {}),
  }
}

type BindOptions = NonNullable<DockerBindMount['BindOptions']>

/** Kubernetes' read-only is not recursive where that is not asked for; Docker's has been since 25. */
function readOnlyOptions(isRecursive: boolean): BindOptions {
  return isRecursive ? { ReadOnlyForceRecursive: true } : { ReadOnlyNonRecursive: true }
}

/** Docker's own default is rprivate; where it is asked for, Docker refuses mounts of what its data lies in (`/`). */
function propagation(mode: string | undefined): BindOptions {
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

/** A path of the container's as Docker takes it. */
function absolute(path: string): string {
  return path.startsWith('/') ? path : posix.resolve('/', path)
}
