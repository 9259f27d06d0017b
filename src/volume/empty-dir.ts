import { chmod, lstat, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { MediumMount } from '../translate/volumes/empty-dir-medium.ts'
import type { Mounts } from './mounts/mounts.ts'
import { setVolumeOwnership } from './ownership.ts'

export interface EmptyDir {
  /** Where it lies. */
  readonly path: string
  /** Its folder for the file that says that it is set up, see `volumeMarker`. */
  readonly marker: string
  /** `undefined` for a folder on the disk. */
  readonly mount: MediumMount | undefined
  readonly fsGroup: number | undefined
}

const everybody = 0o777
const permissionBits = 0o777

/** Makes emptyDirs as the kubelet leaves them (pkg/volume/emptydir). */
export class EmptyDirs {
  readonly #mounts: Mounts
  /** Kernels before 6.4 don't know the option, and in a user namespace it is forbidden. */
  #knowsNoswap = true

  constructor(mounts: Mounts) {
    this.#mounts = mounts
  }

  /**
   * Makes one, or does nothing where it is ready: then its modes are the containers' own business. Whatever an agent
   * before this one has left half made is made whole. Throws `Mounts.mount`'s errors, and Node's.
   */
  async setUp({ path, marker, mount, fsGroup }: EmptyDir, signal: AbortSignal): Promise<void> {
    const isMounted = mount !== undefined && (await this.#isMounted(path, mount))
    if (await isFile(readyFile(marker))) {
      if (mount === undefined ? await isThere(path) : isMounted) return
      await rm(marker, { recursive: true, force: true })
    }
    await makeFolder(path)
    if (mount !== undefined && !isMounted) await this.#mount(path, mount, signal)
    if (fsGroup !== undefined) await setVolumeOwnership(path, { fsGroup, readOnly: false, signal })
    await mkdir(marker, { recursive: true, mode: 0o750 })
    await writeFile(readyFile(marker), '')
  }

  async #isMounted(path: string, { type }: MediumMount): Promise<boolean> {
    return (await this.#mounts.below(path)).findLast(({ target }) => target === path)?.type === type
  }

  async #mount(target: string, mount: MediumMount, signal: AbortSignal): Promise<void> {
    const { options } = mount
    const plain = options.filter((option) => option !== 'noswap')
    if (!this.#knowsNoswap) return this.#mounts.mount({ ...mount, target, options: plain }, signal)
    try {
      await this.#mounts.mount({ ...mount, target }, signal)
    } catch (error) {
      if (plain.length === options.length || KubeletError.is(error, 'aborted')) throw error
      await this.#mounts.mount({ ...mount, target, options: plain }, signal)
      this.#knowsNoswap = false
    }
  }
}

/** World-writable, whatever the umask; bits beyond that, such as a tmpfs has of its own, stay. */
async function makeFolder(path: string): Promise<void> {
  const isNew = (await mkdir(path, { recursive: true, mode: everybody })) !== undefined
  if (isNew || ((await lstat(path)).mode & permissionBits) !== everybody) await chmod(path, everybody)
}

function readyFile(marker: string): string {
  return join(marker, 'ready')
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
