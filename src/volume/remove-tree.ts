/**
 * Removing a folder in which containers have written whatever they liked: links to anywhere, 100,000 files, folders in
 * folders without end. Everything is reached by the descriptor of the folder that it is in, so no link leads out, nothing on
 * another mount is touched, and the work goes on a few steps at a time beside whatever else the agent does.
 */
import { constants, fstatSync, readFileSync, type Dirent } from 'node:fs'
import { lstat, opendir, readdir, rename, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { sideBySide } from '../util/side-by-side.ts'
import { descriptorPath } from './open-below.ts'
import { OpenFolder } from './open-folder.ts'

export interface RemoveOptions {
  /** What is no folder stays. */
  readonly onlyFolders?: boolean
  readonly signal: AbortSignal
}

export interface ClearOptions {
  /** The same in folders for which it is true, by their path inside the one that is cleared. */
  readonly onlyFolders: (inside: string) => boolean
  /** What lies very deep is moved up into the folder on its way that is so many levels below the one that is cleared. */
  readonly topDepth: number
  readonly signal: AbortSignal
}

/**
 * Enough for the disk, and few enough that whoever else needs a thread for files does not wait
 * (docs/decisions/volumes.md).
 */
const width = 16
/** Each folder on the way down is held open. What lies deeper is moved up, which costs no more than its name. */
const mostDepth = 64
/** A folder of one block has few names in it: they are asked for all at once, and not by and by. */
const smallFolderBytes = 4096
/** How often a folder is gone through to whose content somebody adds meanwhile. */
const mostRounds = 3
/** Of what stays so many are named. */
const mostNamed = 5

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/**
 * Removes a folder, or whatever is there, with all that is in it. Returns what stays and why, in words, empty when nothing
 * does; what is not there is gone. Throws `aborted` only.
 */
export async function removeTree(
  path: string,
  { onlyFolders = false, signal }: RemoveOptions,
): Promise<readonly string[]> {
  return removeFrom(dirname(path), { onlyFolders: () => onlyFolders, topDepth: 0, signal }, (removal, parent) =>
    removal.remove(parent, path),
  )
}

/** Removes all that is in a folder, files first, then folders by their names. Else as `removeTree`. */
export async function clearFolder(path: string, options: ClearOptions): Promise<readonly string[]> {
  return removeFrom(path, options, (removal, folder) => removal.clear(folder, path))
}

async function removeFrom(
  path: string,
  options: ClearOptions,
  work: (removal: Removal, folder: OpenFolder) => Promise<void>,
): Promise<readonly string[]> {
  const removal = new Removal(options)
  try {
    using folder = await OpenFolder.open(path, O_RDONLY | O_DIRECTORY)
    await work(removal, folder)
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    removal.keep(path, error)
  }
  return removal.left
}

class Removal {
  readonly left: string[] = []
  #leftCount = 0
  readonly #options: ClearOptions
  /** The mount that all of it lies on. */
  #mountId = ''
  /** Where it begins. */
  #root = ''
  /** The folder that what lies too deep is moved up into, and what has been. */
  #top: OpenFolder | undefined
  readonly #moved: RawName[] = []
  #moves = 0

  constructor(options: ClearOptions) {
    this.#options = options
  }

  async remove(parent: OpenFolder, path: string): Promise<void> {
    this.#mountId = mountIdOf(parent)
    this.#root = path
    await this.#removeAny(parent, rawName(basename(path)), path, 0)
  }

  async clear(folder: OpenFolder, path: string): Promise<void> {
    this.#mountId = mountIdOf(folder)
    this.#root = path
    await this.#empty(folder, path, 0)
  }

  keep(at: string, why: unknown): void {
    const code = codeOf(why)
    if (code === 'ENOENT') return
    this.#leftCount += 1
    if (this.#leftCount > mostNamed) return
    this.left.push(`${at}: ${reasons[code] ?? (why instanceof Error ? why.message : String(why))}`)
  }

  /** @param at Where it is, for people. */
  async #removeAny(parent: OpenFolder, name: RawName, at: string, depth: number): Promise<void> {
    this.#requireGoing(at)
    const path = below(parent, name)
    // Most folders are empty, and many names are of none.
    const code = await failureOf(rmdir(path))
    if (code === undefined || code === 'ENOENT') return
    if (code === 'ENOTDIR') return void (await this.#removeFile(path, this.#keepsFilesIn(dirname(at)), () => at))
    try {
      await this.#removeFull(path, at, depth)
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      this.keep(at, error)
    }
  }

  /**
   * Removes a folder that has something in it; somebody may add to that meanwhile. Throws what
   * keeps it from being removed.
   */
  async #removeFull(path: string | Buffer, at: string, depth: number): Promise<void> {
    const left = this.#leftCount
    for (let round = 1; ; round += 1) {
      await this.#emptyAt(path, at, depth)
      // What is in it has been told of.
      if (this.#leftCount > left) return
      try {
        return await rmdir(path)
      } catch (error) {
        if (codeOf(error) !== 'ENOTEMPTY' || round === mostRounds) throw error
      }
    }
  }

  /** It is closed before it is removed: a folder that is gone leaves the disk with whoever closes it last. */
  async #emptyAt(path: string | Buffer, at: string, depth: number): Promise<void> {
    using folder = await OpenFolder.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    if (mountIdOf(folder) !== this.#mountId) throw new KubeletError('conflict', 'something is mounted there')
    await this.#empty(folder, at, depth)
  }

  async #empty(folder: OpenFolder, at: string, depth: number): Promise<void> {
    const isTop = depth === this.#options.topDepth
    if (isTop) this.#top = folder
    await this.#goThrough(folder, at, depth)
    if (isTop) await this.#removeMoved(folder, at)
  }

  async #goThrough(folder: OpenFolder, at: string, depth: number): Promise<void> {
    const folders: RawName[] = []
    const keepsFiles = this.#keepsFilesIn(at)
    await sideBySide(width, await entriesOf(folder), async (entry) => {
      this.#requireGoing(at)
      const { name } = entry
      if (entry.isDirectory() || !(await this.#removeFile(below(folder, name), keepsFiles, () => inside(at, name))))
        folders.push(name)
    })
    for (const name of folders.toSorted()) {
      if (depth < mostDepth) await this.#removeAny(folder, name, inside(at, name), depth + 1)
      else await this.#moveUp(folder, name, inside(at, name))
    }
  }

  #requireGoing(at: string): void {
    if (this.#options.signal.aborted) throw new KubeletError('aborted', `Stopped removing ${at}`)
  }

  #keepsFilesIn(at: string): boolean {
    return this.#options.onlyFolders(at.slice(this.#root.length + 1))
  }

  /** False for a folder: some file systems don't tell. */
  async #removeFile(path: string | Buffer, isKept: boolean, at: () => string): Promise<boolean> {
    try {
      if (!isKept) await unlink(path)
      else if (!(await lstat(path)).isDirectory()) this.keep(at(), new Error('it is no folder, and not ours to remove'))
      else return false
    } catch (error) {
      if (codeOf(error) === 'EISDIR') return false
      this.keep(at(), error)
    }
    return true
  }

  async #moveUp(folder: OpenFolder, name: RawName, at: string): Promise<void> {
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

  async #removeMoved(top: OpenFolder, at: string): Promise<void> {
    for (let name = this.#moved.pop(); name !== undefined; name = this.#moved.pop()) {
      await this.#removeAny(top, name, `${at}/…/${name}`, this.#options.topDepth + 1)
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

function below(folder: OpenFolder, name: RawName): string | Buffer {
  const path = `${descriptorPath(folder)}/${name}`
  return /^[\x20-\x7e]*$/u.test(name) ? path : Buffer.from(path, 'latin1')
}

/** What is in a folder. Of one with many names they come by and by. */
async function entriesOf(folder: OpenFolder): Promise<Iterable<Dirent> | AsyncIterable<Dirent>> {
  const path = descriptorPath(folder)
  if (fstatSync(folder.fd).size > smallFolderBytes) return opendir(path, { encoding: 'latin1', bufferSize: 64 })
  return readdir(path, { encoding: 'latin1', withFileTypes: true })
}

/** The system's code for what it fails with; `undefined` when it does not. */
async function failureOf(work: Promise<void>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => codeOf(error),
  )
}

/**
 * Which mount a descriptor is on: a folder that is bound from the same disk is on the same device. Asked of procfs, which
 * answers at once.
 */
function mountIdOf({ fd }: OpenFolder): string {
  const [, id] = /^mnt_id:\s*(\d+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
  if (id === undefined) throw new KubeletError('internal', 'The kernel does not tell which mount a folder is on')
  return id
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
