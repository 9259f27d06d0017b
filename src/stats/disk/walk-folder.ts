import { closeSync, constants, lstatSync, openSync, opendirSync } from 'node:fs'

/** What a folder and all below it take up. */
export interface FolderUsage {
  readonly bytes: number
  readonly inodes: number
}

/** Blocks are counted in 512 bytes, whatever the file system's are. */
const blockBytes = 512

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Counts a folder that holds little: what is mounted in it does not count, nor what a link leads to, and a file of several
 * names once. `undefined` when it holds more than `most` files and folders, or cannot be counted. It goes from folder
 * to folder by descriptors, so whoever moves things about meanwhile leads it nowhere else.
 */
export function walkFolder(path: string, most: number): FolderUsage | undefined {
  try {
    return new Walk(most).walk(path)
  } catch {
    return undefined
  }
}

class Walk {
  #left: number
  #bytes = 0
  /** Of files with several names. */
  readonly #seen = new Set<string>()
  #inodes = 0
  #device = 0

  constructor(most: number) {
    this.#left = most
  }

  walk(path: string): FolderUsage | undefined {
    const top = lstatSync(path)
    this.#device = top.dev
    this.#count(top.blocks)
    if (top.isDirectory() && !this.#folder(path)) return undefined
    return { bytes: this.#bytes, inodes: this.#inodes }
  }

  /** False when there is too much. */
  #folder(path: string): boolean {
    const fd = openSync(path, folderFlags)
    try {
      return this.#entries(`/proc/self/fd/${fd}`)
    } finally {
      closeSync(fd)
    }
  }

  /** Name by name: nobody reads a million of them to learn that it is too many. */
  #entries(path: string): boolean {
    using folder = opendirSync(path)
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      this.#left -= 1
      if (this.#left < 0 || !this.#entry(`${path}/${entry.name}`)) return false
    }
    return true
  }

  #entry(path: string): boolean {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    // It has gone meanwhile, or something is mounted there.
    if (stat === undefined || stat.dev !== this.#device) return true
    if (stat.nlink > 1 && !stat.isDirectory()) {
      const key = String(stat.ino)
      if (this.#seen.has(key)) return true
      this.#seen.add(key)
    }
    this.#count(stat.blocks)
    return stat.isDirectory() ? this.#folder(path) : true
  }

  #count(blocks: number): void {
    this.#bytes += blocks * blockBytes
    this.#inodes += 1
  }
}
