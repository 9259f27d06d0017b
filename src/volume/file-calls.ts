/**
 * The calls by which the files of a volume are written. On a disk each waits for a thread of Node's, so that a disk that is
 * busy holds up nobody else. In memory a call is over sooner than a thread could be asked for it, which takes four times the
 * CPU: there they are made at once, a few milliseconds' worth of them at a time.
 */
import * as fs from 'node:fs'
import { lchown, open, symlink, unlink } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { sideBySide } from '../util/side-by-side.ts'

/** A file that is to be made. */
export interface NewFile {
  readonly data: Uint8Array
  /** As it is to be, whatever the umask. */
  readonly mode: number
  readonly user: number | undefined
  readonly group: number | undefined
}

/** Every path is a name below a descriptor. Links are followed by none. What they throw are Node's errors. */
export interface FileCalls {
  /** Does the work for each, in any order, and waits for all of it. */
  forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void> | void): Promise<void>
  /** Makes a file where there must be nothing. */
  create(path: string, file: NewFile): Promise<void> | void
  /** Whether it is a file of just this content. */
  holds(path: string, data: Uint8Array): Promise<boolean> | boolean
  /** Makes a link, and gives it to a user. */
  link(target: string, path: string, user: number | undefined): Promise<void> | void
  remove(path: string): Promise<void> | void
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants
const createFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
const readFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
/** Until it has its mode a file is the agent's alone. */
const privateMode = 0o600

/** How much is done at the same time. */
const width = 8

export const diskCalls: FileCalls = {
  forEach: (items, work) => sideBySide(width, items, async (item) => work(item)),
  async create(path, { data, mode, user = -1, group = -1 }) {
    await using file = await open(path, createFlags, privateMode)
    await file.writeFile(data)
    if (user !== -1 || group !== -1) await file.chown(user, group)
    await file.chmod(mode)
  },
  async holds(path, data) {
    await using file = await open(path, readFlags)
    const stats = await file.stat()
    if (!stats.isFile() || stats.size !== data.length) return false
    return Buffer.compare(await file.readFile(), data) === 0
  },
  async link(target, path, user) {
    await symlink(target, path)
    if (user !== undefined) await lchown(path, user, -1)
  },
  remove: unlink,
}

/** How long others wait for their turn, in milliseconds. */
const sliceMs = 4

export const memoryCalls: FileCalls = {
  async forEach(items, work) {
    let endsAtMs = performance.now() + sliceMs
    for (const item of items) {
      await work(item)
      if (performance.now() < endsAtMs) continue
      await setImmediate()
      endsAtMs = performance.now() + sliceMs
    }
  },
  create(path, { data, mode, user = -1, group = -1 }) {
    withFile(path, createFlags, (fd) => {
      fs.writeFileSync(fd, data)
      if (user !== -1 || group !== -1) fs.fchownSync(fd, user, group)
      fs.fchmodSync(fd, mode)
    })
  },
  holds: (path, data) =>
    withFile(path, readFlags, (fd) => {
      const stats = fs.fstatSync(fd)
      if (!stats.isFile() || stats.size !== data.length) return false
      return Buffer.compare(fs.readFileSync(fd), data) === 0
    }),
  link(target, path, user) {
    fs.symlinkSync(target, path)
    if (user !== undefined) fs.lchownSync(path, user, -1)
  },
  remove: fs.unlinkSync,
}

function withFile<T>(path: string, flags: number, work: (fd: number) => T): T {
  const fd = fs.openSync(path, flags, privateMode)
  try {
    return work(fd)
  } finally {
    fs.closeSync(fd)
  }
}
