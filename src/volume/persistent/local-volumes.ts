import { mkdir, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { KubeletError } from '../../model/errors.ts'
import { podDirectory, podsDirectory, volumeDirectory, type NodePaths } from '../../translate/paths.ts'
import { joinMountOptions } from '../../translate/volumes/persistent-source.ts'
import { abortable } from '../../util/abortable.ts'
import { KeyedLock } from '../../util/keyed-lock.ts'
import { OwnershipProgress } from '../ownership-progress.ts'
import { setVolumeOwnership } from '../ownership.ts'
import type { MountPoint, Mounts } from '../mounts/mounts.ts'
import { hasCode } from '../../util/has-code.ts'

export interface LocalRequest {
  readonly podUid: string
  /** Of the PersistentVolume. */
  readonly name: string
  /** On the host. */
  readonly path: string
  readonly target: string
  readonly readOnly: boolean
  readonly options: readonly string[]
  /** No two Pods may have it at once. */
  readonly isExclusive: boolean
  readonly fsGroup: number | undefined
  readonly fsGroupChangePolicy: 'Always' | 'OnRootMismatch'
  /** It takes long to become the group's: how far that is. */
  readonly onSlow: (message: string) => void
}

/** A Pod wants a volume to be its group's that is another group's already, and that other Pods have. */
export interface GroupConflict {
  readonly volumeName: string
  readonly wanted: number
  readonly found: number
}

/** PersistentVolumes of kind `local`: directories of the host that are shown in the Pods' own (pkg/volume/local). */
export class LocalVolumes {
  readonly #paths: NodePaths
  readonly #mounts: Mounts
  readonly #lock = new KeyedLock()

  constructor(paths: NodePaths, mounts: Mounts) {
    this.#paths = paths
    this.#mounts = mounts
  }

  /**
   * Throws `invalid`, in the kubelet's words, where there is no directory at the volume's path, and `aborted` when `signal`
   * fires before the disk has said so.
   */
  async requireDirectory(path: string, signal: AbortSignal): Promise<void> {
    const found = await abortable(stat(path), signal, `Stopped waiting for what is at ${path}`).catch(
      (error: unknown) => {
        const isAbsent = hasCode(error, 'ENOENT')
        throw isAbsent ? new KubeletError('invalid', `path "${path}" does not exist`) : error
      },
    )
    if (found.isDirectory()) return
    if (!found.isBlockDevice()) throw new KubeletError('invalid', 'only directory and block device are supported')
    throw new KubeletError('unsupported', `minikubelet does not mount the file system of a block device: ${path}`)
  }

  /**
   * Shows the volume in the Pod's directory. It becomes the group's of the first Pod that gets it, while no other has it;
   * resolves with what a later one finds it to be. Throws what `Mounts.bind` throws; nothing is left at the target then.
   */
  async setUp(request: LocalRequest, signal: AbortSignal): Promise<GroupConflict | undefined> {
    const { path } = request
    if (path.split('/').includes('..')) throw new KubeletError('invalid', `invalid path: ${path} must not contain '..'`)
    return this.#lock.run(path, () => this.#setUp(request, signal), signal)
  }

  async #setUp(request: LocalRequest, signal: AbortSignal): Promise<GroupConflict | undefined> {
    const { name, path, target, isExclusive, fsGroup, readOnly } = request
    const mounts = await this.#mounts.below(podsDirectory(this.#paths))
    const isMounted = mounts.some((mount) => mount.target === target)
    const isOthers = mounts.some((mount) => isOfAnotherPod(mount, request, this.#paths))
    if (!isMounted && isExclusive && isOthers) {
      const message = 'volume uses the ReadWriteOncePod access mode and is already in use by another pod'
      throw new KubeletError('conflict', message)
    }
    const conflict = !isMounted && isOthers ? await groupConflict(name, path, fsGroup) : undefined
    if (!isMounted) await this.#bind(request, signal)
    if (!isOthers && !readOnly && fsGroup !== undefined) await this.#own(request, fsGroup, signal)
    return conflict
  }

  async #bind({ path, target, readOnly, options }: LocalRequest, signal: AbortSignal): Promise<void> {
    await mkdir(target, { recursive: true, mode: 0o750 })
    try {
      await this.#mounts.bind(path, target, { readOnly, options: joinMountOptions(options) }, signal)
    } catch (error) {
      await this.#mounts.unmount(target).catch(() => undefined)
      await rmdir(target).catch(() => undefined)
      throw error
    }
  }

  /** Once for each time that it is mounted, whatever stopped it halfway: from then on it is the containers' own business. */
  async #own(request: LocalRequest, fsGroup: number, signal: AbortSignal): Promise<void> {
    const { podUid, name, target, fsGroupChangePolicy: policy, onSlow } = request
    const done = join(podDirectory(this.#paths, podUid), 'plugins', 'kubernetes.io~local-volume', name, 'ready')
    if (await isThere(done)) return
    using progress = new OwnershipProgress(relative(podsDirectory(this.#paths), target), onSlow)
    await setVolumeOwnership(target, { fsGroup, readOnly: false, policy, onFile: () => progress.count(), signal })
    await mkdir(dirname(done), { recursive: true, mode: 0o750 })
    await writeFile(done, '')
  }
}

function isOfAnotherPod({ target }: MountPoint, { name, podUid }: LocalRequest, paths: NodePaths): boolean {
  const [uid = ''] = target.slice(podsDirectory(paths).length + 1).split('/')
  return uid !== podUid && target === volumeDirectory(paths, uid, 'kubernetes.io/local-volume', name)
}

async function groupConflict(
  name: string,
  path: string,
  wanted: number | undefined,
): Promise<GroupConflict | undefined> {
  if (wanted === undefined) return undefined
  const { gid: found } = await stat(path)
  return found === wanted ? undefined : { volumeName: name, wanted, found }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
