/**
 * Files that change all at once, as the kubelet's AtomicWriter does it (pkg/volume/util/atomic_writer.go): they lie in a
 * folder with the time in its name, `..data` is a link to that, and what containers see are links through it:
 *
 *     key    -> ..data/key
 *     ..data -> ..2026_11_28_00_25_19.1234567890/
 *
 * A new folder is written, and `..data` turned to it by one rename.
 */
import { constants, type Dirent } from 'node:fs'
import { mkdir, open, readdir, readlink, rename, symlink, unlink, type FileHandle } from 'node:fs/promises'
import { cleanPayload } from '../translate/volumes/clean-payload.ts'
import type { Payload } from '../translate/volumes/payload.ts'
import { hasCode } from '../util/has-code.ts'
import type { FileCalls } from './file-calls.ts'
import { descriptorPath, openBelow } from './open-below.ts'
import { setVolumeOwnership } from './ownership.ts'
import { holdsPayload, removeFolder, writePayload, type WriteOptions } from './payload-folder.ts'

const dataLink = '..data'
const newDataLink = '..data_tmp'
const timestamped = /^\.\.\d{4}_\d{2}_\d{2}_\d{2}_\d{2}_\d{2}\.\d+$/u
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY

/**
 * Puts the files of a payload into a volume, whose root is there, and removes those that it held before. Content that is
 * there already is not written again; links that are missing are made anew. Whatever a write that was cut off has left goes
 * with the next. Throws `invalid` for a path that must not be written, `aborted`, and Node's errors; what was there is then
 * there still.
 *
 * INVARIANT: nobody writes to the same volume meanwhile. The Pod's worker is the only one who does, and takes one pass after
 * the other.
 */
export async function writeAtomically(volume: string, payload: Payload, options: WriteOptions): Promise<void> {
  const files = cleanPayload(payload)
  await using root = await open(volume, folderFlags | constants.O_NOFOLLOW)
  const entries = await readdir(descriptorPath(root), { withFileTypes: true })
  const current = await currentFolder(root, entries)
  const { calls } = options
  await removeInternal(root, entries, current, calls)
  const isCurrent = current !== undefined && (await isWritten(root, current, files, calls))
  if (!isCurrent) await publish(root, volume, await writeFolder(root, files, options), options)
  await linkVisible(root, entries, files, calls)
  await unlinkStale(root, entries, files, calls)
  if (!isCurrent && current !== undefined) await removeFolder(root, current, calls)
}

/** What was there before is all there still, and the links to it, when this fails. */
async function publish(root: FileHandle, volume: string, folder: string, options: WriteOptions): Promise<void> {
  const { fsGroup } = options
  try {
    // Mount points in the volume, and links; the folder is the group's already, and the one before it goes.
    if (fsGroup !== undefined) {
      const leaveOut = (name: string): boolean => timestamped.test(name)
      await setVolumeOwnership(volume, { ...options, fsGroup, readOnly: true, leaveOut })
    }
    await symlink(folder, pathOf(root, newDataLink))
    await rename(pathOf(root, newDataLink), pathOf(root, dataLink))
  } catch (error) {
    await unlink(pathOf(root, newDataLink)).catch(() => undefined)
    await removeFolder(root, folder, options.calls)
    throw error
  }
}

/** The folder that holds the files now; `undefined` where there is none that the writer has made. */
async function currentFolder(root: FileHandle, entries: readonly Dirent[]): Promise<string | undefined> {
  if (!entries.some(({ name }) => name === dataLink)) return undefined
  const folder = await readlink(pathOf(root, dataLink))
  return timestamped.test(folder) && entries.some(({ name }) => name === folder) ? folder : undefined
}

/** What a write that was cut off has left. */
async function removeInternal(
  root: FileHandle,
  entries: readonly Dirent[],
  current: string | undefined,
  calls: FileCalls,
): Promise<void> {
  for (const entry of entries) {
    if (entry.name === newDataLink) await unlink(pathOf(root, entry.name))
    else if (timestamped.test(entry.name) && entry.name !== current) await removeFolder(root, entry.name, calls)
  }
}

async function isWritten(root: FileHandle, name: string, files: Payload, calls: FileCalls): Promise<boolean> {
  try {
    await using folder = await openBelow(root, name, folderFlags)
    return await holdsPayload(folder, files, calls)
  } catch {
    // Whatever it is, it is not what was written there.
    return false
  }
}

/** Returns the name of the new folder; where that fails, none is left. */
async function writeFolder(root: FileHandle, files: Payload, options: WriteOptions): Promise<string> {
  const name = await makeTimestamped(root)
  try {
    await using folder = await openBelow(root, name, folderFlags)
    await writePayload(folder, files, options)
    return name
  } catch (error) {
    await removeFolder(root, name, options.calls)
    throw error
  }
}

async function makeTimestamped(root: FileHandle): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[-T:]/gu, '_').slice(0, 'YYYY_MM_DD_HH_MM_SS'.length)
  for (;;) {
    const name = `..${time}.${Math.trunc(Math.random() * 2 ** 32)}`
    try {
      await mkdir(pathOf(root, name))
      return name
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
  }
}

/** What stands where a link is to be, a mount point say, stays. */
async function linkVisible(
  root: FileHandle,
  entries: readonly Dirent[],
  files: Payload,
  calls: FileCalls,
): Promise<void> {
  const there = new Set(entries.map(({ name }) => name))
  const missing = new Map([...files].map(([path, { user }]) => [visibleName(path), user]))
  for (const name of there) missing.delete(name)
  await calls.forEach(missing, ([name, user]) => calls.link(`${dataLink}/${name}`, pathOf(root, name), user))
}

/** By what there is, not by what was written last: an agent may have been killed before it got here. */
async function unlinkStale(
  root: FileHandle,
  entries: readonly Dirent[],
  files: Payload,
  calls: FileCalls,
): Promise<void> {
  const wanted = new Set([...files.keys()].map(visibleName))
  const stale = entries.filter(
    (entry) => entry.isSymbolicLink() && !entry.name.startsWith('..') && !wanted.has(entry.name),
  )
  await calls.forEach(stale, async ({ name }) => {
    if ((await readlink(pathOf(root, name))) === `${dataLink}/${name}`) await calls.remove(pathOf(root, name))
  })
}

/** By what of a path its link is called. */
function visibleName(path: string): string {
  return path.split('/', 1).join('')
}

function pathOf(folder: FileHandle, name: string): string {
  return `${descriptorPath(folder)}/${name}`
}
