import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { Pod, VolumeSpec } from '../model/kube.ts'
import type { PodEventSink } from '../model/pod-event.ts'
import { podRef } from '../model/pod.ts'
import type { VolumeFailure } from '../model/volume-failure.ts'
import type { FileRef, FileValue } from '../translate/environment/container-environment.ts'
import { podDirectory, volumeMarker, type NodePaths } from '../translate/paths.ts'
import type { SubPath } from '../translate/sub-path.ts'
import type { PayloadFacts } from '../translate/volumes/projected-payload.ts'
import { mediumMount } from '../translate/volumes/empty-dir-medium.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { mountedVolumes, volumeSource, type VolumeSource } from '../translate/volumes/volume-source.ts'
import { allOf } from '../util/all-of.ts'
import { failureText } from '../util/file-error.ts'
import { goQuote } from '../util/go-quote.ts'
import { EmptyDirs, type EmptyDir } from './empty-dir.ts'
import { readEnvFile } from './env-file.ts'
import { prepareHostPath } from './host-path.ts'
import type { Mounts } from './mounts/mounts.ts'
import { LocalVolumes, type GroupConflict } from './persistent/local-volumes.ts'
import { mountNfs } from './persistent/nfs-volume.ts'
import { setUpClaim, type ClaimFacts, type FailedClaim } from './persistent/set-up-claim.ts'
import { bindSubPath } from './sub-paths.ts'
import { clearPodDirectory, removePodDirectory, tearDownVolumes } from './tear-down.ts'
import { setUpProjected } from './projected.ts'

/** What has become of the volumes that containers of a Pod mount. */
export interface SetUpVolumes {
  /** By name. */
  readonly mounted: ReadonlyMap<string, MountedVolume>
  readonly failures: readonly VolumeFailure[]
  /** When the content of one is to be looked at again, whatever happens until then; `undefined` where none can change. */
  readonly refreshAtMs: number | undefined
}

/** What volumes show of the world beside the Pod and its node. */
export interface VolumeFacts extends PayloadFacts, ClaimFacts {
  readonly nowMs: number
  /** The volumes, by name, that have failed not long ago, and those that are mounted and stay as they are. */
  readonly leftAlone: ReadonlySet<string>
  /** When the facts are to be gathered anew, whatever happens until then; `undefined` where none of them can change. */
  readonly refreshAtMs: number | undefined
}

type EmptyDirSource = Extract<VolumeSource, { kind: 'empty-dir' }>

export interface PodVolumesOptions {
  readonly paths: NodePaths
  readonly mounts: Mounts
  readonly emit: PodEventSink
  /** Told of each volume that was set up, or brought up to date, or could not be. */
  readonly onSetUp?: (done: {
    readonly volume: VolumeSpec
    readonly durationMs: number
    readonly failed: boolean
  }) => void
}

/** The volumes of Pods on this node's disk, and what is mounted for them. Every method may be repeated. */
export class PodVolumes {
  readonly #paths: NodePaths
  readonly #mounts: Mounts
  readonly #emit: PodEventSink
  readonly #onSetUp: PodVolumesOptions['onSetUp']
  readonly #emptyDirs: EmptyDirs
  readonly #locals: LocalVolumes

  constructor({ paths, mounts, emit, onSetUp }: PodVolumesOptions) {
    this.#paths = paths
    this.#mounts = mounts
    this.#emit = emit
    this.#onSetUp = onSetUp
    this.#emptyDirs = new EmptyDirs(mounts)
    this.#locals = new LocalVolumes(paths, mounts)
  }

  /**
   * Sets up the volumes that the Pod's containers mount, side by side, and brings those that are there up to date. Of one
   * Pod it runs once at a time. Each mount that fails is told. Throws `aborted` only.
   */
  async setUp(pod: Pod, facts: VolumeFacts, signal: AbortSignal): Promise<SetUpVolumes> {
    const mounted = new Map<string, MountedVolume>()
    await makeVolumeFolders(podDirectory(this.#paths, pod.metadata.uid))
    const failures = await allOf(
      mountedVolumes(pod).map(async (volume): Promise<readonly VolumeFailure[]> => {
        if (facts.leftAlone.has(volume.name)) return []
        const startedAtMs = performance.now()
        const tell = (failed: boolean): void =>
          this.#onSetUp?.({ volume, durationMs: performance.now() - startedAtMs, failed })
        try {
          const result = await this.#setUp(pod, volume, facts, signal)
          tell(result.kind === 'failed')
          if (result.kind === 'failed') return [this.#told(pod, { ...result, volumeName: volume.name })]
          mounted.set(volume.name, result)
          return []
        } catch (error) {
          if (KubeletError.is(error, 'aborted')) throw error
          tell(true)
          const message = failureText(error)
          return [this.#told(pod, { volumeName: volume.name, step: 'set-up', shownAs: volume.name, message })]
        }
      }),
    )
    return { mounted, failures: failures.flat(), refreshAtMs: facts.refreshAtMs }
  }

  /** At once, whatever else of the Pod is still being mounted. What is not known is told when all is that there is of it. */
  #told(pod: Pod, failure: VolumeFailure): VolumeFailure {
    const { step, shownAs: volumeName, message } = failure
    if (step !== 'process') {
      this.#emit({ kind: 'volume-failed', pod: podRef(pod), atMs: Date.now(), step, volumeName, message })
    }
    return failure
  }

  async #setUp(
    pod: Pod,
    volume: VolumeSpec,
    facts: VolumeFacts,
    signal: AbortSignal,
  ): Promise<MountedVolume | FailedClaim> {
    const source = volumeSource(pod, volume, this.#paths)
    switch (source.kind) {
      case 'empty-dir':
        await this.#emptyDirs.setUp(this.#emptyDir(pod, volume.name, source, facts), signal)
        return { kind: 'path', path: source.path, readOnly: false, mayBeMissing: false }
      case 'host-path':
        await prepareHostPath(source.path, source.type, signal)
        return { kind: 'path', path: source.path, readOnly: false, mayBeMissing: source.type === '' }
      case 'projected': {
        const volumeName = volume.name
        await setUpProjected({ pod, volumeName, source, facts, paths: this.#paths, emptyDirs: this.#emptyDirs }, signal)
        return { kind: 'path', path: source.path, readOnly: true, mayBeMissing: false }
      }
      case 'claim': {
        const { claims, node } = facts
        const onConflict = (conflict: GroupConflict): void =>
          this.#emit({ kind: 'volume-group-conflict', pod: podRef(pod), atMs: Date.now(), ...conflict })
        const onSlow = (message: string): void =>
          this.#emit({ kind: 'volume-slow', pod: podRef(pod), atMs: Date.now(), message })
        const request = { pod, claims, node, onConflict, onSlow, readOnly: source.readOnly }
        const means = { paths: this.#paths, mounts: this.#mounts, locals: this.#locals }
        return setUpClaim(volume.name, { ...request, ...means }, signal)
      }
      case 'nfs':
        await mountNfs({ ...source, target: source.path, options: [] }, this.#mounts, signal)
        return { kind: 'path', path: source.path, readOnly: source.readOnly, mayBeMissing: false }
      case 'image':
        // It is mounted with the first container that is made with it, as only then its image is there: see `ImageVolumes`.
        return { kind: 'image', reference: source.reference }
      case 'unsupported':
        throw unsupported(source.field)
      default:
        return source satisfies never
    }
  }

  #emptyDir(pod: Pod, name: string, source: EmptyDirSource, { allocatable }: VolumeFacts): EmptyDir {
    return {
      path: source.path,
      marker: volumeMarker(this.#paths, pod.metadata.uid, name),
      mount: mediumMount(pod, source, allocatable['memory']),
      fsGroup: pod.spec.securityContext?.fsGroup,
    }
  }

  /**
   * What a file in one of the Pod's volumes says of a variable, now. Throws `invalid` in the kubelet's words: where no
   * container mounts the volume there is none, and other volumes than an emptyDir don't do.
   */
  async readVariable(pod: Pod, { volumeName, path, key }: FileRef): Promise<FileValue> {
    const volume = mountedVolumes(pod).find(({ name }) => name === volumeName)
    const source = volume && volumeSource(pod, volume, this.#paths)
    if (source?.kind !== 'empty-dir') {
      throw new KubeletError('invalid', `cannot find the volume ${goQuote(volumeName)} referenced by FileKeyRef`)
    }
    return readEnvFile(source.path, path, key)
  }

  /**
   * Has the parts of volumes that a container mounts shown where Docker is to find them. What is bound there already stays.
   * Throws the first of the failures, see `bindSubPath`.
   */
  async bindSubPaths(subPaths: readonly SubPath[], signal: AbortSignal): Promise<void> {
    await allOf(subPaths.map((subPath) => bindSubPath(this.#mounts, subPath, signal)))
  }

  /**
   * Unmounts and removes the Pod's volumes; whatever else it has here stays. Throws `conflict` when some of it is in use,
   * or cannot be removed: all the rest is gone then.
   */
  async tearDown(uid: string, signal: AbortSignal): Promise<void> {
    await tearDownVolumes({ paths: this.#paths, mounts: this.#mounts }, uid, signal)
  }

  /**
   * The same, and removes everything else in the Pod's directory, which itself stays: it says that something of the Pod may
   * be left here.
   */
  async clear(uid: string, signal: AbortSignal): Promise<void> {
    await clearPodDirectory({ paths: this.#paths, mounts: this.#mounts }, uid, signal)
  }

  /** Removes everything of the Pod on this node's disk; gone already is success. Throws as `tearDown` does. */
  async remove(uid: string, signal: AbortSignal): Promise<void> {
    await removePodDirectory({ paths: this.#paths, mounts: this.#mounts }, uid, signal)
  }
}

/** As the kubelet's, in every Pod's directory: nobody else reads what is in them. */
async function makeVolumeFolders(folder: string): Promise<void> {
  const names = ['volumes', 'plugins']
  await Promise.all(names.map((name) => mkdir(join(folder, name), { recursive: true, mode: 0o750 })))
}

function unsupported(field: string): KubeletError {
  // Nobody else has it either, since Kubernetes 1.33.
  if (field === 'gitRepo') return new KubeletError('unsupported', 'git-repo volume plugin has been disabled')
  return new KubeletError('unsupported', `minikubelet does not support a volume of type ${field}`)
}
