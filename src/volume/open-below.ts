/**
 * Paths in a volume that containers write to: what is a folder when we look may be a link to anywhere when we open it. So
 * every path is opened name by name from the opened root of the volume, following no link, and is acted on by its
 * descriptor. Node has no openat: a name below `/proc/self/fd/FD` is just that.
 */
import { constants } from 'node:fs'
import { mkdir, open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { hasCode } from '../util/has-code.ts'

/** Opens whatever it is, a pipe or a device too, without doing anything to it (asm-generic/fcntl.h: x86, arm). */
const O_PATH = 0o10_000_000
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants
/** With `O_DIRECTORY` the kernel mounts what is mounted on use. */
const folderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW

const mostLinks = 255

/** Opens the root of a volume, to name things below it: a directory, wherever links to it lead. Close it. */
export async function openRoot(path: string): Promise<FileHandle> {
  return open(path, O_PATH | O_DIRECTORY)
}

/** What a process names to act on exactly what is open here, for as long as it is. */
export function descriptorPath({ fd }: Pick<FileHandle, 'fd'>): string {
  return `/proc/${process.pid}/fd/${fd}`
}

/**
 * Opens `path` below `root`, with `flags` or else only to name it. It must have no links in it: `conflict` where one is, or
 * has been put since somebody looked; otherwise Node's errors.
 */
export async function openBelow(root: FileHandle, path: string, flags?: number): Promise<FileHandle> {
  const names = namesIn(path)
  const last = names.pop() ?? '.'
  const folder = await openFolder(root, names)
  try {
    return flags === undefined ? await openAny(folder, last) : await openAt(folder, last, flags | O_NOFOLLOW)
  } catch (error) {
    throw hasCode(error, 'ELOOP') ? movedError(path) : error
  } finally {
    if (folder !== root) await folder.close()
  }
}

/**
 * Makes the directories of `path` that are missing below `root`, each with `mode` in full, setgid and sticky bit included,
 * whatever the umask (doSafeMakeDir in pkg/volume/util/subpath). Links on the way to them are followed inside the
 * volume. One that somebody else makes meanwhile is as good, and keeps its mode.
 */
export async function makeBelow(root: FileHandle, path: string, mode: number): Promise<void> {
  const names = namesIn(path)
  const base = await readlink(descriptorPath(root))
  let there = 0
  while (there < names.length && (await isThere(posix.join(base, ...names.slice(0, there + 1))))) there += 1
  let folder = await openFolder(root, namesIn(await realBelow(root, names.slice(0, there).join('/'))))
  try {
    for (const name of names.slice(there)) {
      const isOurs = await makeAt(folder, name, mode)
      const made = await openAt(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      if (folder !== root) await folder.close()
      folder = made
      if (isOurs) await made.chmod(mode)
    }
  } finally {
    if (folder !== root) await folder.close()
  }
}

/**
 * Where `path` is below `root` with all its links followed as on the host, relative to `root`. Throws `invalid` when that is
 * not in the volume, and Node's errors.
 */
export async function realBelow(root: FileHandle, path: string): Promise<string> {
  const base = await readlink(descriptorPath(root))
  const real = await realpath(posix.join(base, path))
  if (real === base) return ''
  const start = base === '/' ? base : `${base}/`
  if (!real.startsWith(start)) throw new KubeletError('invalid', `${path} leads out of the volume, to ${real}`)
  return real.slice(start.length)
}

/**
 * Where `path` is below `root` with its links followed as if `root` were the root of all files, so that none leads out of
 * it; relative to `root`. What is not there is taken as it is written.
 */
export async function joinBelow(root: FileHandle, path: string): Promise<string> {
  let at = '/'
  let left = path
  for (let links = 0; left !== '';) {
    const [part = '', ...rest] = left.split('/')
    left = rest.join('/')
    const next = posix.join(at, part)
    const link = next === at ? undefined : await readlink(`${descriptorPath(root)}${next}`).catch(() => undefined)
    if (link === undefined) {
      at = next
      continue
    }
    links += 1
    if (links > mostLinks) throw new KubeletError('invalid', `too many links in ${path}`)
    if (link.startsWith('/')) at = '/'
    left = `${link}/${left}`
  }
  return at.slice(1)
}

/** Throws `invalid` for a path that goes up: nobody here may ask for that. */
function namesIn(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  if (names.includes('..')) throw new KubeletError('invalid', `${path}: must not contain '..'`)
  return names
}

/** The folder that `names` lead to from `root`, which may be itself. */
async function openFolder(root: FileHandle, names: readonly string[]): Promise<FileHandle> {
  let folder = root
  for (const name of names) {
    try {
      const next = await openAt(folder, name, folderFlags)
      if (folder !== root) await folder.close()
      folder = next
    } catch (error) {
      if (folder !== root) await folder.close()
      throw hasCode(error, 'ENOTDIR') ? movedError(names.join('/')) : error
    }
  }
  return folder
}

/** Whatever is called so, but no link. */
async function openAny(folder: FileHandle, name: string): Promise<FileHandle> {
  try {
    return await openAt(folder, name, folderFlags)
  } catch (error) {
    if (!hasCode(error, 'ENOTDIR')) throw error
  }
  const handle = await openAt(folder, name, O_PATH | O_NOFOLLOW)
  if (!(await handle.stat()).isSymbolicLink()) return handle
  await handle.close()
  throw movedError(name)
}

async function openAt(folder: FileHandle, name: string, flags: number): Promise<FileHandle> {
  return open(`${descriptorPath(folder)}/${name}`, flags)
}

/** False when it, or something else, is there. */
async function makeAt(folder: FileHandle, name: string, mode: number): Promise<boolean> {
  try {
    await mkdir(`${descriptorPath(folder)}/${name}`, mode)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

function movedError(path: string): KubeletError {
  return new KubeletError('conflict', `${path} leads through a link, or what is no folder, that was not there before`)
}
