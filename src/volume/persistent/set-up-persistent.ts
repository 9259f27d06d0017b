import { KubeletError } from '../../model/errors.ts'
import type { KubeNode, PersistentVolume, Pod } from '../../model/kube.ts'
import { selectsNode } from '../../model/node-selector.ts'
import type { VolumeStep } from '../../model/volume-failure.ts'
import type { NodePaths } from '../../translate/paths.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import { groupOf, mountOptionsOf, persistentSource } from '../../translate/volumes/persistent-source.ts'
import { failureText } from '../../util/file-error.ts'
import { prepareHostPath } from '../host-path.ts'
import type { Mounts } from '../mounts/mounts.ts'
import type { GroupConflict, LocalVolumes } from './local-volumes.ts'
import { mountNfs } from './nfs-volume.ts'

export interface PersistentRequest {
  readonly pod: Pod
  readonly volume: PersistentVolume
  /** By the word of the Pod: what the volume says of itself does not count, as for the kubelet. */
  readonly readOnly: boolean
  readonly node: KubeNode
  readonly paths: NodePaths
  readonly mounts: Mounts
  readonly locals: LocalVolumes
  readonly onConflict: (conflict: GroupConflict) => void
  /** What takes long, in the kubelet's words. */
  readonly onSlow: (message: string) => void
}

/** A step of the way to a volume that failed. */
export interface FailedStep {
  readonly kind: 'failed'
  readonly step: VolumeStep
  readonly message: string
}

/**
 * Mounts a PersistentVolume for a Pod, with the kubelet's checks in its order (GenerateMountVolumeFunc in
 * pkg/volume/util/operationexecutor). May be repeated. Throws `aborted` only.
 */
export async function setUpPersistent(
  request: PersistentRequest,
  signal: AbortSignal,
): Promise<MountedVolume | FailedStep> {
  const { volume, readOnly, node, paths, mounts, locals } = request
  const { required } = volume.spec.nodeAffinity ?? {}
  if (required !== undefined && !selectsNode(required, node)) {
    return { kind: 'failed', step: 'node-affinity', message: 'no matching NodeSelectorTerms' }
  }
  const source = persistentSource(volume, request.pod.metadata.uid, paths)
  const options = mountOptionsOf(volume)
  const group = groupOf(volume)
  const shown = (path: string, mayBeMissing = false): MountedVolume => {
    return { kind: 'path', path, readOnly, mayBeMissing, ...(group === undefined ? {} : { group }) }
  }
  switch (source.kind) {
    case 'host-path': {
      const { path, type } = source
      const message = 'mount options are not supported for this volume type'
      if (options.length > 0) return { kind: 'failed', step: 'mount-options', message }
      const failed = await attempt('set-up', () => prepareHostPath(path, type, signal))
      return failed ?? shown(path, type === '')
    }
    case 'local': {
      const { path, target } = source
      const failed =
        (await attempt('new-mounter', () => locals.requireDirectory(path, signal))) ??
        (await attempt('set-up', () => showLocal(request, { path, target, options }, signal)))
      return failed ?? shown(target)
    }
    case 'nfs': {
      const failed = await attempt('set-up', () => mountNfs({ ...source, readOnly, options }, mounts, signal))
      return failed ?? shown(source.target)
    }
    case 'unsupported':
      return {
        kind: 'failed',
        step: 'set-up',
        message: `minikubelet does not support a PersistentVolume of type ${source.field}`,
      }
    default:
      return source satisfies never
  }
}

async function showLocal(
  { pod, volume, readOnly, locals, onConflict, onSlow }: PersistentRequest,
  place: { readonly path: string; readonly target: string; readonly options: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {}
  const { accessModes = [] } = volume.spec
  const conflict = await locals.setUp(
    {
      ...place,
      podUid: pod.metadata.uid,
      name: volume.metadata.name,
      readOnly,
      isExclusive: accessModes.length === 1 && accessModes[0] === 'ReadWriteOncePod',
      fsGroup,
      fsGroupChangePolicy: fsGroupChangePolicy === 'OnRootMismatch' ? 'OnRootMismatch' : 'Always',
      onSlow,
    },
    signal,
  )
  if (conflict !== undefined) onConflict(conflict)
}

async function attempt(step: VolumeStep, work: () => Promise<void>): Promise<FailedStep | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    return { kind: 'failed', step, message: failureText(error) }
  }
}
