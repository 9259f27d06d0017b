/** A folder that holds the files of a payload and nothing else: writing it, and seeing whether one is that. */
import { constants } from 'node:fs'
import { mkdir, readdir, rmdir, unlink, type FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { Payload, VolumeFile } from '../translate/volumes/payload.ts'
import { sideBySide } from '../util/side-by-side.ts'
import { descriptorPath, openBelow } from './open-below.ts'
import { ownedMode } from './ownership.ts'

export interface WriteOptions {
  /** Whose group the files are; `undefined` for the agent's own. */
  readonly fsGroup: number | undefined
  readonly signal: AbortSignal
}

/** Files that are written, or read, at the same time. */
const width = 8
const folderMode = 0o755
const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_WRONLY } = constants

/**
 * Writes a payload of clean paths into an empty folder. Modes are what they are to be, whatever the umask, and an `fsGroup`
 * has its share of them. Throws Node's errors, and `aborted`.
 */
export async function writePayload(folder: FileHandle, payload: Payload, options: WriteOptions): Promise<void> {
  for (const path of foldersOf(payload)) await makeFolder(folder, path, options)
  await own(folder, folderMode, true, options)
  await sideBySide(width, payload, async ([path, file]) => {
    if (options.signal.aborted) throw new KubeletError('aborted', 'Stopped writing a volume')
    await writeOne(folder, path, file, options)
  })
}

/** Whether what the folder holds is the payload, of clean paths: its files and their content, not their modes. */
export async function holdsPayload(folder: FileHandle, payload: Payload): Promise<boolean> {
  const expected = new Set([...payload.keys(), ...foldersOf(payload)])
  const found = await pathsIn(folder, '')
  if (found.length !== expected.size || !found.every((path) => expected.has(path))) return false
  let isSame = true
  await sideBySide(width, payload, async ([path, { data }]) => {
    if (isSame && !(await holdsData(folder, path, data))) isSame = false
  })
  return isSame
}

/** Removes the folder `name` in another, whatever it holds. */
export async function removeFolder(outer: FileHandle, name: string): Promise<void> {
  const at = `${descriptorPath(outer)}/${name}`
  {
    await using folder = await openFolder(outer, name)
    const entries = await readdir(descriptorPath(folder), { withFileTypes: true })
    await sideBySide(width, entries, (entry) =>
      entry.isDirectory() ? removeFolder(folder, entry.name) : unlink(`${descriptorPath(folder)}/${entry.name}`),
    )
  }
  await rmdir(at)
}

/** All that lies on the way to the files, outer ones first. */
function foldersOf(payload: Payload): readonly string[] {
  const folders = new Set<string>()
  for (const path of payload.keys()) {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) folders.add(folder)
  }
  return [...folders].toSorted()
}

async function makeFolder(root: FileHandle, path: string, options: WriteOptions): Promise<void> {
  await using outer = await openFolder(root, posix.dirname(path))
  await mkdir(`${descriptorPath(outer)}/${posix.basename(path)}`)
  await using made = await openFolder(root, path)
  await own(made, folderMode, true, options)
}

async function writeOne(root: FileHandle, path: string, file: VolumeFile, options: WriteOptions): Promise<void> {
  await using handle = await openBelow(root, path, O_WRONLY | O_CREAT | O_EXCL)
  await handle.writeFile(file.data)
  if (file.user !== undefined) await handle.chown(file.user, -1)
  await own(handle, file.mode, false, options)
}

/** The files of such a volume are for reading. */
async function own(handle: FileHandle, mode: number, isFolder: boolean, { fsGroup }: WriteOptions): Promise<void> {
  if (fsGroup === undefined) return handle.chmod(mode)
  await handle.chown(-1, fsGroup)
  await handle.chmod(ownedMode(mode, isFolder, true))
}

function openFolder(root: FileHandle, path: string): Promise<FileHandle> {
  return openBelow(root, path, O_RDONLY | O_DIRECTORY)
}

async function pathsIn(folder: FileHandle, at: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const entry of await readdir(descriptorPath(folder), { withFileTypes: true })) {
    const path = posix.join(at, entry.name)
    paths.push(path)
    if (!entry.isDirectory()) continue
    await using inner = await openFolder(folder, entry.name)
    paths.push(...(await pathsIn(inner, path)))
  }
  return paths
}

async function holdsData(root: FileHandle, path: string, data: Uint8Array): Promise<boolean> {
  await using handle = await openBelow(root, path, O_RDONLY | constants.O_NONBLOCK)
  const stats = await handle.stat()
  if (!stats.isFile() || stats.size !== data.length) return false
  return Buffer.compare(await handle.readFile(), data) === 0
}
