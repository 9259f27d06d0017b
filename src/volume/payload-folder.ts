/** A folder that holds the files of a payload and nothing else: writing it, and seeing whether one is that. */
import { constants } from 'node:fs'
import { mkdir, readdir, rmdir, type FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { Payload } from '../translate/volumes/payload.ts'
import type { FileCalls } from './file-calls.ts'
import { descriptorPath, openBelow } from './open-below.ts'
import { ownedMode } from './ownership.ts'

export interface WriteOptions {
  /** Whose group the files are; `undefined` for the agent's own. */
  readonly fsGroup: number | undefined
  /** As fits what the volume lies on. */
  readonly calls: FileCalls
  readonly signal: AbortSignal
}

const folderMode = 0o755
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY

/**
 * Writes a payload of clean paths into an empty folder. Modes are what they are to be, whatever the umask, and an `fsGroup`
 * has its share of them. Throws Node's errors, and `aborted`.
 */
export async function writePayload(folder: FileHandle, payload: Payload, options: WriteOptions): Promise<void> {
  const { fsGroup: group, calls, signal } = options
  for (const path of foldersOf(payload)) await makeFolder(folder, path, options)
  await own(folder, options)
  await using inner = await openFolders(folder, payload)
  await calls.forEach(payload, ([path, { data, mode: asked, user }]) => {
    if (signal.aborted) throw new KubeletError('aborted', 'Stopped writing a volume')
    const mode = group === undefined ? asked : ownedMode(asked, false, true)
    return calls.create(inner.pathOf(path), { data, mode, user, group })
  })
}

/** Whether what the folder holds is the payload, of clean paths: its files and their content, not their modes. */
export async function holdsPayload(folder: FileHandle, payload: Payload, calls: FileCalls): Promise<boolean> {
  const expected = new Set([...payload.keys(), ...foldersOf(payload)])
  const found = await pathsIn(folder, '')
  if (found.length !== expected.size || !found.every((path) => expected.has(path))) return false
  await using inner = await openFolders(folder, payload)
  let isSame = true
  await calls.forEach(payload, async ([path, { data }]) => {
    if (isSame && !(await calls.holds(inner.pathOf(path), data))) isSame = false
  })
  return isSame
}

/** Removes the folder `name` in another, whatever it holds. */
export async function removeFolder(outer: FileHandle, name: string, calls: FileCalls): Promise<void> {
  const at = `${descriptorPath(outer)}/${name}`
  {
    await using folder = await openBelow(outer, name, folderFlags)
    const entries = await readdir(descriptorPath(folder), { withFileTypes: true })
    await calls.forEach(entries, (entry) =>
      entry.isDirectory()
        ? removeFolder(folder, entry.name, calls)
        : calls.remove(`${descriptorPath(folder)}/${entry.name}`),
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
  await using outer = await openBelow(root, posix.dirname(path), folderFlags)
  await mkdir(`${descriptorPath(outer)}/${posix.basename(path)}`)
  await using made = await openBelow(root, path, folderFlags)
  await own(made, options)
}

async function own(folder: FileHandle, { fsGroup }: WriteOptions): Promise<void> {
  if (fsGroup === undefined) return folder.chmod(folderMode)
  await folder.chown(-1, fsGroup)
  await folder.chmod(ownedMode(folderMode, true, true))
}

/** Folders of a payload that are open, to name the files in them. */
interface OpenFolders extends AsyncDisposable {
  readonly pathOf: (path: string) => string
}

async function openFolders(root: FileHandle, payload: Payload): Promise<OpenFolders> {
  const handles = new Map([['.', root]])
  await using stack = new AsyncDisposableStack()
  for (const path of foldersOf(payload)) handles.set(path, stack.use(await openBelow(root, path, folderFlags)))
  const opened = stack.move()
  return {
    pathOf: (path) => `${descriptorPath(handles.get(posix.dirname(path)) ?? root)}/${posix.basename(path)}`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function pathsIn(folder: FileHandle, at: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const entry of await readdir(descriptorPath(folder), { withFileTypes: true })) {
    const path = posix.join(at, entry.name)
    paths.push(path)
    if (!entry.isDirectory()) continue
    await using inner = await openBelow(folder, entry.name, folderFlags)
    paths.push(...(await pathsIn(inner, path)))
  }
  return paths
}
