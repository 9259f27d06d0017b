import type { Stats } from 'node:fs'
import { stat, type FileHandle } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KubeletError } from '../../src/model/errors.ts'
import { isAtOrBelow } from '../../src/volume/mounts/mount-info.ts'
import type { BindOptions, MountPoint, MountRequest, Mounts } from '../../src/volume/mounts/mounts.ts'

/** A call that would spawn a process: `mount tmpfs /…`, `bind /… /…`, `unmount /…`, `share /…`. */
export type MountCall = string

export interface FakeMountsOptions {
  readonly root: string
  /** Of the kernel, which outlives the agents that a test kills. */
  readonly table?: MountTable
  /** The root directory lies on a shared mount already, as on a host where all are. */
  readonly isShared?: boolean
  /** Before a call takes effect, and after it; what it throws is thrown. */
  readonly before?: (call: MountCall) => void | Promise<void>
  readonly after?: (call: MountCall) => void | Promise<void>
}

/** What is mounted, and where something is in use. */
export class MountTable {
  mounts: readonly MountPoint[] = []
  /** Targets in which a process has its working directory, say. */
  readonly busy = new Set<string>()
  /** What has been bound, by the number of the mount. */
  readonly bound = new Map<number, string>()
  nextId = 1
}

/**
 * Mounts in memory, over folders that are real: what is written to one lies in the folder beneath, and stays there when it
 * is unmounted. Needs no root.
 */
export class FakeMounts implements Mounts {
  readonly table: MountTable
  readonly #root: string
  readonly #options: FakeMountsOptions

  constructor(options: FakeMountsOptions) {
    this.#root = resolve(options.root)
    this.#options = options
    this.table = options.table ?? new MountTable()
  }

  async below(folder: string): Promise<readonly MountPoint[]> {
    this.#requireBelow(folder)
    return this.table.mounts.filter(({ target }) => isAtOrBelow(target, folder))
  }

  async mount({ type, source, target, options }: MountRequest, signal: AbortSignal): Promise<void> {
    await this.#act(`mount ${type} ${target}`, target, signal, () => {
      const known = fileSystems[type]
      if (known === undefined) throw failed(`special device ${source} does not exist`)
      const wrong = options.find((option) => known !== 'any' && !known.includes(option.split('=')[0] ?? ''))
      if (wrong !== undefined) throw failed(`wrong fs type, bad option, bad superblock on ${source}`)
      this.#add({ type, source, target, superOptions: ['rw', ...options] })
    })
  }

  async bind(source: string, target: string, options: BindOptions, signal: AbortSignal): Promise<void> {
    if (!source.startsWith('/')) throw new KubeletError('invalid', `${source} is no absolute path`)
    const [from, to, bound] = await Promise.all([kindOf(source), kindOf(target), identityOf(stat(source))])
    await this.#act(`bind ${source} ${target}`, target, signal, () => {
      if (from !== to) throw failed(`${source} is a ${from ?? 'nothing'}`)
      const beneath =
        options.recursive === true ? this.table.mounts.filter(({ target: at }) => isAtOrBelow(at, source)) : []
      this.table.bound.set(this.table.nextId, bound)
      this.#add({ type: 'ext4', source: '/dev/vda', root: source, target, ...modeOf(options) })
      for (const mount of beneath) this.#add({ ...mount, target: join(target, mount.target.slice(source.length)) })
    })
  }

  async shows(opened: FileHandle, target: string): Promise<boolean> {
    const top = (await this.below(target)).findLast((mount) => mount.target === target)
    return top !== undefined && this.table.bound.get(top.id) === (await identityOf(opened.stat()))
  }

  async unmount(target: string, signal?: AbortSignal): Promise<void> {
    const top = (await this.below(target)).findLast((mount) => mount.target === target)
    if (top === undefined) return
    if (signal?.aborted === true) throw new KubeletError('aborted', `unmount of ${target} was given up`)
    await this.#options.before?.(`unmount ${target}`)
    const isUsed = this.table.busy.has(target) || this.table.mounts.some(({ parentId }) => parentId === top.id)
    if (isUsed) throw new KubeletError('conflict', `umount: ${target}: target is busy.`)
    this.table.mounts = this.table.mounts.filter(({ id }) => id !== top.id)
    await this.#options.after?.(`unmount ${target}`)
  }

  async shareRoot(signal: AbortSignal): Promise<void> {
    if (this.#options.isShared === true) return
    if (this.table.mounts.some(({ target, isShared }) => isShared && target === this.#root)) return
    await this.#act(`share ${this.#root}`, this.#root, signal, () =>
      this.#add({ type: 'ext4', source: '/dev/vda', target: this.#root, isShared: true }),
    )
  }

  async unshareRoot(): Promise<void> {
    if (this.table.mounts.some(({ target, isShared }) => isShared && target === this.#root))
      await this.unmount(this.#root)
  }

  /** What is mounted by somebody else; no call of the agent's. */
  plant(target: string): void {
    this.#add({ type: 'ext4', source: '/dev/vda', target })
  }

  async #act(call: MountCall, target: string, signal: AbortSignal, effect: () => void): Promise<void> {
    this.#requireBelow(target)
    if (signal.aborted) throw new KubeletError('aborted', `${call} was given up`)
    if ((await kindOf(target)) === undefined) throw new KubeletError('not-found', `${target} does not exist`)
    await this.#options.before?.(call)
    effect()
    await this.#options.after?.(call)
  }

  #add(mount: Pick<MountPoint, 'type' | 'source' | 'target'> & Partial<MountPoint>): void {
    const parent = this.table.mounts.findLast(({ target }) => isAtOrBelow(mount.target, target))
    const usual = { parentId: parent?.id ?? 0, device: '0:1', root: '/', options: ['rw'], superOptions: ['rw'] }
    const isShared = parent?.isShared ?? false
    this.table.mounts = [...this.table.mounts, { isShared, ...usual, ...mount, id: this.table.nextId++ }]
  }

  #requireBelow(path: string): void {
    if (resolve(path) === path && isAtOrBelow(path, this.#root)) return
    throw new KubeletError('invalid', `${path} does not lie below ${this.#root}`)
  }
}

/** Types of file systems that this kernel has, and their options. */
const fileSystems: Readonly<Record<string, readonly string[] | 'any' | undefined>> = {
  tmpfs: ['size', 'noswap', 'mode', 'nosuid', 'nodev', 'noexec'],
  hugetlbfs: ['pagesize'],
  overlay: ['ro', 'lowerdir'],
  nfs: 'any',
  nfs4: 'any',
}

function failed(said: string): KubeletError {
  return new KubeletError('invalid', `mount failed: exit status 32\nOutput: ${said}`)
}

function modeOf({ readOnly, options = [] }: BindOptions): Pick<MountPoint, 'options'> {
  return { options: [readOnly === true ? 'ro' : 'rw', ...options] }
}

async function identityOf(found: Promise<Stats>): Promise<string> {
  return found.then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => '',
  )
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && (found.isDirectory() ? 'folder' : 'file')
}
