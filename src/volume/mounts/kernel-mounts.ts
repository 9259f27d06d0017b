import { constants, readFileSync } from 'node:fs'
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { KubeletError } from '../../model/errors.ts'
import { hasCode } from '../../util/has-code.ts'
import { isAtOrBelow, linesBelow, lowestFirst, mountOf, parseMountInfo } from './mount-info.ts'
import { runMountProgram } from './mount-program.ts'
import type { BindOptions, MountPoint, MountRequest, Mounts } from './mounts.ts'
import { isRemote, remoteLimitMs, unmountRemote } from './unmount-remote.ts'

const mountInfo = '/proc/self/mountinfo'
const openFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** How often what the kernel tells is read until it has told the same twice: it may change in the middle. */
const mostReads = 5

/** A place below the root directory, as what holds it was found and is kept open. */
interface Place extends AsyncDisposable {
  /** By which programs reach it, whatever is put in the way meanwhile. */
  readonly path: string
}

/** The mounts of this host, by util-linux's mount and umount. Only what is spawned can change them in Node. */
export class KernelMounts implements Mounts {
  readonly #root: string
  #foundRoot: string | undefined

  /** `root` is the agent's root directory; its own path may lead through links. */
  constructor(root: string) {
    this.#root = resolve(root)
  }

  async below(folder: string): Promise<readonly MountPoint[]> {
    this.#requireBelow(folder)
    const root = await this.#realRoot()
    if (root === undefined) return []
    // Links on the way to the root directory are followed, and no others.
    const real = join(root, relative(this.#root, folder))
    let before: string | undefined
    for (let reads = 0; reads < mostReads; reads += 1) {
      const lines = linesBelow(mountInfoText(), real)
      if (lines !== before) {
        before = lines
        continue
      }
      return lowestFirst(parseMountInfo(lines)).map((mount) => ({ ...mount, target: this.#told(root, mount) }))
    }
    throw new KubeletError('unavailable', `What is mounted below ${folder} changes all the time`)
  }

  async mount({ type, source, target, options }: MountRequest, signal: AbortSignal): Promise<void> {
    await using place = await this.#open(target)
    const words = ['-t', type, ...(options.length === 0 ? [] : ['-o', options.join(',')])]
    await runMountProgram('mount', { options: words, operands: [source, place.path] }, { target, signal })
  }

  async bind(
    source: string,
    target: string,
    { readOnly = false, recursive = false, options = [] }: BindOptions,
    signal: AbortSignal,
  ): Promise<void> {
    if (!source.startsWith('/')) throw new KubeletError('invalid', `${source} is no absolute path`)
    await using place = await this.#open(target)
    const how = recursive ? '--rbind' : '--bind'
    await runMountProgram('mount', { options: [how], operands: [source, place.path] }, { target, signal })
    const wanted = [...(readOnly ? ['ro'] : []), ...options]
    if (wanted.length === 0) return
    try {
      // A bind takes its source's options along, and a remount loses all that it does not name.
      const mounted = await this.#top(target)
      const kept = (mounted?.options ?? []).filter((option) => keptOptions.has(option))
      const words = ['-o', [...new Set(['remount', 'bind', ...kept, ...wanted])].join(',')]
      await runMountProgram('mount', { options: words, operands: [place.path] }, { target, signal })
    } catch (error) {
      await this.unmount(target)
      throw error
    }
  }

  async shows(opened: FileHandle, target: string): Promise<boolean> {
    await using place = await this.#open(target).catch(unlessGone)
    if (place === undefined) return false
    const [there, wanted] = await Promise.all([
      // What a server does not know any more is another one.
      lstat(place.path, { bigint: true }).catch(() => undefined),
      opened.stat({ bigint: true }),
    ])
    return there?.dev === wanted.dev && there.ino === wanted.ino
  }

  async unmount(target: string, signal?: AbortSignal): Promise<void> {
    const top = await this.#top(target)
    if (top === undefined) return
    // What something is mounted on is no link.
    await using place = await this.#open(target, !isRemote(top)).catch(unlessGone)
    if (place === undefined) return
    const unmount = (options: readonly string[], end: AbortSignal | undefined): Promise<void> =>
      runMountProgram(
        'umount',
        { options: [...options, '--internal-only'], operands: [place.path] },
        { target, signal: end },
      )
    if (isRemote(top)) await unmountRemote(unmount, remoteLimitMs, signal)
    else await unmount([], signal)
  }

  async shareRoot(signal: AbortSignal): Promise<void> {
    const root = await this.#realRoot()
    if (root === undefined) throw new KubeletError('not-found', `There is no ${this.#root}`)
    if (mountOf(readMounts(), root)?.isShared === true) return
    const words = { options: ['--rbind', '--make-rshared'], operands: [root, root] }
    await runMountProgram('mount', words, { target: this.#root, signal })
  }

  async unshareRoot(): Promise<void> {
    const root = await this.#realRoot()
    const mounts = readMounts()
    const own = root === undefined ? undefined : mountOf(mounts, root)
    if (root === undefined || own?.target !== root) return
    const beneath = mounts.find(({ id }) => id === own.parentId)
    const isOnItself = beneath?.device === own.device && join(beneath.root, relative(beneath.target, root)) === own.root
    if (isOnItself) await this.unmount(this.#root)
  }

  /** What lies on top at a target. */
  async #top(target: string): Promise<MountPoint | undefined> {
    return (await this.below(target)).findLast((mount) => mount.target === target)
  }

  /** What holds a target, opened, and seen to be where it is said to be. The root directory is reached as it is. */
  async #open(target: string, isLookedAt = true): Promise<Place> {
    this.#requireBelow(target)
    const root = await this.#realRoot()
    if (root === undefined) throw new KubeletError('not-found', `${target} does not exist`)
    if (target === this.#root) return { path: root, [Symbol.asyncDispose]: async () => {} }
    const expected = join(root, relative(this.#root, dirname(target)))
    const folder = await open(expected, openFolder).catch((error: unknown) => throwAs(error, target))
    try {
      const path = `/proc/${process.pid}/fd/${folder.fd}/${basename(target)}`
      await requireFolder(folder, expected, target)
      if (isLookedAt) await requireNoLink(path, target)
      return { path, [Symbol.asyncDispose]: () => folder.close() }
    } catch (error) {
      await folder.close()
      throw error
    }
  }

  #requireBelow(path: string): void {
    const isPlain = path.startsWith('/') && resolve(path) === path
    if (isPlain && isAtOrBelow(path, this.#root)) return
    throw new KubeletError('invalid', `${path} does not lie below ${this.#root}`)
  }

  #told(root: string, { target }: MountPoint): string {
    return join(this.#root, relative(root, target))
  }

  /** The root directory stays where it is, once it is there. */
  async #realRoot(): Promise<string | undefined> {
    this.#foundRoot ??= await realpath(this.#root).catch(unlessGone)
    return this.#foundRoot
  }
}

/** What of a mount's own options a remount for reading only has to name again. */
const keptOptions = new Set(['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime', 'nosymfollow'])

function readMounts(): readonly MountPoint[] {
  return parseMountInfo(mountInfoText())
}

/**
 * It is in the kernel's memory, of which a read gives a page at most: a thread of Node's for each page would be asked for
 * longer than it reads, and there are two to three Pods' mounts on a page.
 */
function mountInfoText(): string {
  return readFileSync(mountInfo, 'utf8')
}

/** Throws `conflict` where links have led elsewhere. */
async function requireFolder(folder: FileHandle, expected: string, target: string): Promise<void> {
  const opened = await readlink(`/proc/self/fd/${folder.fd}`)
  if (opened !== expected) throw new KubeletError('conflict', `${target} lies elsewhere: in ${opened}`)
}

/** Throws `not-found` for a target that is not there, `conflict` for one that is a link. */
async function requireNoLink(path: string, target: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => throwAs(error, target))
  if (found.isSymbolicLink()) throw new KubeletError('conflict', `${target} is a link`)
}

function unlessGone(error: unknown): undefined {
  if (isGone(error)) return undefined
  throw KubeletError.from(error)
}

function isGone(error: unknown): boolean {
  return KubeletError.is(error, 'not-found') || hasCode(error, 'ENOENT')
}

function throwAs(error: unknown, target: string): never {
  if (isGone(error)) throw new KubeletError('not-found', `${target} does not exist`, { cause: error })
  const isLink = hasCode(error, 'ELOOP', 'ENOTDIR')
  if (isLink) throw new KubeletError('conflict', `${target} lies behind a link or a file`, { cause: error })
  throw KubeletError.from(error)
}
