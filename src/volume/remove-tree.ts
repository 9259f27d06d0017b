/**
 * Removing a folder in which containers have written whatever they liked: links to anywhere, 100,000 files, folders in
 * folders without end. Everything is reached by the descriptor of the folder that it is in, so no link leads out, nothing on
 * another mount is touched, and the work goes on a few steps at a time beside whatever else the agent does.
 */
import { constants, readFileSync } from 'node:fs'
import { lstat, open, opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { sideBySide } from '../util/side-by-side.ts'
import { descriptorPath } from './open-below.ts'

export interface RemoveOptions {
  /** What is no folder stays. */
  readonly onlyFolders?: boolean
  readonly signal: AbortSignal
}

/** Enough for the disk, and few enough that whoever else needs a thread for files does not wait (docs/decisions/volumes.md). */
const width = 16
/** Each folder on the way down is held open. What lies deeper is moved up, which costs no more than its name. */
const mostDepth = 64
/** How often a folder is gone through to whose content somebody adds meanwhile. */
const mostRounds = 3
/** Of what stays so many are named. */
const mostNamed = 5

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/**
 * Removes a folder, or whatever is there, with all that is in it. Returns what stays and why, in words, empty when nothing
 * does; what is not there is gone. Throws `aborted` only.
 */
export async function removeTree(path: string, options: RemoveOptions): Promise<readonly string[]> {
  const removal = new Removal(options)
  try {
    await using parent = await open(dirname(path), O_RDONLY | O_DIRECTORY)
    await removal.remove(parent, path)
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    removal.keep(path, error)
  }
  return removal.left
}

class Removal {
  readonly left: string[] = []
  #leftCount = 0
  readonly #options: RemoveOptions
  /** The mount that all of it lies on. */
  #mountId = ''
  /** The folder that goes last, and what has been moved up into it. */
  #top: FileHandle | undefined
  readonly #moved: string[] = []
  #moves = 0

  constructor(options: RemoveOptions) {
    this.#options = options
  }

  async remove(parent: FileHandle, path: string): Promise<void> {
    this.#mountId = mountIdOf(parent)
    await this.#removeAny(parent, rawName(basename(path)), path, 0)
  }

  keep(at: string, why: unknown): void {
    const code = codeOf(why)
    if (code === 'ENOENT') return
    this.#leftCount += 1
    if (this.#leftCount > mostNamed) return
    this.left.push(`${at}: ${reasons[code] ?? (why instanceof Error ? why.message : String(why))}`)
  }

  /** @param at Where it is, for people. */
  async #removeAny(parent: FileHandle, name: RawName, at: string, depth: number): Promise<void> {
    const { signal } = this.#options
    if (signal.aborted) throw new KubeletError('aborted', `Stopped removing ${at}`)
    const path = below(parent, name)
    const left = this.#leftCount
    try {
      await using folder = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      if (mountIdOf(folder) !== this.#mountId) throw new KubeletError('conflict', 'something is mounted there')
      await this.#empty(folder, at, depth)
    } catch (error) {
      // A link, a file.
      if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ELOOP') return void (await this.#removeFile(path, () => at))
      if (KubeletError.is(error, 'aborted')) throw error
      return this.keep(at, error)
    }
    // What is in it has been told of.
    if (this.#leftCount === left) await rmdir(path).catch((error: unknown) => this.keep(at, error))
  }

  async #empty(folder: FileHandle, at: string, depth: number): Promise<void> {
    if (depth === 0) this.#top = folder
    for (let round = 0; round < mostRounds; round += 1) {
      const left = this.#leftCount
      const isEmpty = await this.#goThrough(folder, at, depth)
      if (depth === 0) await this.#removeMoved(folder, at)
      if (isEmpty || this.#leftCount > left) return
    }
  }

  /** True when there was nothing. */
  async #goThrough(folder: FileHandle, at: string, depth: number): Promise<boolean> {
    const folders: RawName[] = []
    let isEmpty = true
    const entries = await opendir(descriptorPath(folder), { encoding: 'latin1', bufferSize: 64 })
    await sideBySide(width, entries, async (entry) => {
      if (this.#options.signal.aborted) throw new KubeletError('aborted', `Stopped removing ${at}`)
      isEmpty = false
      const { name } = entry
      if (entry.isDirectory() || !(await this.#removeFile(below(folder, name), () => inside(at, name))))
        folders.push(name)
    })
    for (const name of folders) {
      if (depth < mostDepth) await this.#removeAny(folder, name, inside(at, name), depth + 1)
      else await this.#moveUp(folder, name, inside(at, name))
    }
    return isEmpty
  }

  /** False for a folder: some file systems don't tell. */
  async #removeFile(path: string | Buffer, at: () => string): Promise<boolean> {
    try {
      if (this.#options.onlyFolders !== true) await unlink(path)
      else if (!(await lstat(path)).isDirectory()) this.keep(at(), new Error('it is no folder, and not ours to remove'))
      else return false
    } catch (error) {
      if (codeOf(error) === 'EISDIR') return false
      this.keep(at(), error)
    }
    return true
  }

  async #moveUp(folder: FileHandle, name: RawName, at: string): Promise<void> {
    const top = this.#top
    if (top === undefined) return
    // An agent that was killed may have left one of that name.
    const given = `.removing-${process.pid}-${Date.now()}-${(this.#moves += 1)}`
    try {
      await rename(below(folder, name), below(top, given))
      this.#moved.push(given)
    } catch (error) {
      this.keep(at, error)
    }
  }

  async #removeMoved(top: FileHandle, at: string): Promise<void> {
    for (let name = this.#moved.pop(); name !== undefined; name = this.#moved.pop()) {
      await this.#removeAny(top, name, `${at}/…/${name}`, 1)
    }
  }
}

const reasons: Readonly<Record<string, string | undefined>> = {
  EBUSY: 'something is mounted there, or it is in use',
  EXDEV: 'something is mounted there',
  ENOTEMPTY: 'somebody goes on writing to it',
  EPERM: 'it is made immutable (chattr), or the agent may not',
}

/** A name as the kernel has it, one character for each byte: it need not be text. */
type RawName = string

function rawName(text: string): RawName {
  return Buffer.from(text).toString('latin1')
}

/** Where something is, for people. */
function inside(at: string, name: RawName): string {
  return `${at}/${Buffer.from(name, 'latin1').toString()}`
}

function below(folder: FileHandle, name: RawName): string | Buffer {
  const path = `${descriptorPath(folder)}/${name}`
  return /^[\x20-\x7e]*$/u.test(name) ? path : Buffer.from(path, 'latin1')
}

/**
 * Which mount a descriptor is on: a folder that is bound from the same disk is on the same device. Asked of procfs, which
 * answers at once.
 */
function mountIdOf({ fd }: FileHandle): string {
  const [, id] = /^mnt_id:\s*(\d+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
  if (id === undefined) throw new KubeletError('internal', 'The kernel does not tell which mount a folder is on')
  return id
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
