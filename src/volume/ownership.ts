/**
 * Whose the files of a volume are: with an `fsGroup` all of it is made that group's, as the kubelet does
 * (pkg/volume/volume_linux.go). Containers may be at work in it meanwhile, so everything is changed by its descriptor, and
 * links are never followed.
 */
import { constants } from 'node:fs'
import { chmod, chown, lchown, open, opendir, type FileHandle } from 'node:fs/promises'
import { KubeletError } from '../model/errors.ts'
import { sideBySide } from '../util/side-by-side.ts'
import { hasCode } from '../util/has-code.ts'
import { descriptorPath, openRoot } from './open-below.ts'

export interface OwnershipOptions {
  readonly fsGroup: number
  /** The agent alone writes there, so the group only reads. */
  readonly readOnly: boolean
  /** With `OnRootMismatch` nothing is looked at if the volume's root is as it should be. Default: `Always`. */
  readonly policy?: 'Always' | 'OnRootMismatch'
  /** Entries of the volume's root that are right already, by name. */
  readonly leaveOut?: (name: string) => boolean
  /** One more has been done: called for each file and directory. */
  readonly onFile?: () => void
  /** Something could not be changed, and why; the others are, all the same. */
  readonly onFault?: (error: KubeletError) => void
  readonly signal: AbortSignal
}

const groupWrites = 0o660
const groupReads = 0o440
/** What is made in a directory is the group's, too, and who may look into it may pass it. */
const groupEnters = 0o2110
const allBits = 0o7777

/** So that reading a directory is not what it waits for. */
const width = 16
/** As long as a path may be: deeper no name leads. */
const mostPathBytes = 4096

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants
/** Opens whatever it is without doing anything to it (asm-generic/fcntl.h: x86, arm). */
const O_PATH = 0o10_000_000

/** The mode of what belongs to an `fsGroup`: what it may do already, and what the group is to. */
export function ownedMode(mode: number, isDirectory: boolean, readOnly: boolean): number {
  return (mode & allBits) | (readOnly ? groupReads : groupWrites) | (isDirectory ? groupEnters : 0)
}

/**
 * Makes a volume the group's: what is in a directory before the directory, the root last, so that a root which is as it
 * should be says that all is. Throws Node's errors for a directory that can't be read, and `aborted`.
 */
export async function setVolumeOwnership(path: string, options: OwnershipOptions): Promise<void> {
  await using root = await openRoot(path)
  if (options.policy === 'OnRootMismatch' && !(await isMismatched(root, options))) return
  await ownDirectory(root, path, options)
}

/** A root that is the group's already, and lets it do what it is to (requiresPermissionChange). */
async function isMismatched(root: FileHandle, { fsGroup, readOnly }: OwnershipOptions): Promise<boolean> {
  const { gid, mode } = await root.stat()
  const expected = ownedMode(0, true, readOnly)
  return gid !== fsGroup || (mode & expected) !== expected
}

async function ownDirectory(directory: FileHandle, path: string, options: OwnershipOptions): Promise<void> {
  const { leaveOut, ...inner } = options
  const { signal } = inner
  // One after the other, so that no more of them are open than lie in each other.
  const directories: string[] = []
  await sideBySide(width, await opendir(descriptorPath(directory)), async (entry) => {
    if (signal.aborted) throw new KubeletError('aborted', `Stopped changing the owner of ${path}`)
    if (leaveOut?.(entry.name) === true) return
    if (entry.isDirectory()) directories.push(entry.name)
    else await ownFile(directory, entry.name, path, inner)
  })
  for (const name of directories) await ownBelow(directory, name, `${path}/${name}`, inner)
  await ownOpen(directory, path, options)
}

async function ownBelow(directory: FileHandle, name: string, path: string, options: OwnershipOptions): Promise<void> {
  if (Buffer.byteLength(path) >= mostPathBytes) throw new KubeletError('invalid', `open ${path}: file name too long`)
  const at = `${descriptorPath(directory)}/${name}`
  await using inner = await openIfThere(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, options)
  if (inner !== undefined) await ownDirectory(inner, path, options)
}

async function ownFile(directory: FileHandle, name: string, folder: string, options: OwnershipOptions): Promise<void> {
  const at = `${descriptorPath(directory)}/${name}`
  await using file = await openIfThere(at, O_PATH | O_NOFOLLOW, options)
  if (file !== undefined) await ownOpen(file, `${folder}/${name}`, options, at)
}

/** What goes while we look needs no owner; nor does what has become something else meanwhile, for now. */
async function openIfThere(
  at: string,
  flags: number,
  { onFault }: Pick<OwnershipOptions, 'onFault'>,
): Promise<FileHandle | undefined> {
  try {
    return await open(at, flags)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) onFault?.(KubeletError.from(error))
    return undefined
  }
}

/** @param at By what name a link is reached: a descriptor of one leads to what it points at. */
async function ownOpen(
  handle: FileHandle,
  path: string,
  { fsGroup, readOnly, onFile, onFault }: OwnershipOptions,
  at?: string,
): Promise<void> {
  const stats = await handle.stat()
  const change = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      onFault?.(new KubeletError('internal', `${what} ${path} failed`, { cause: error }))
    }
  }
  onFile?.()
  if (stats.isSymbolicLink()) {
    if (at !== undefined && stats.gid !== fsGroup) await change('lchown', () => lchown(at, -1, fsGroup))
    return
  }
  const mode = ownedMode(stats.mode, stats.isDirectory(), readOnly)
  // Whose it is already need not be told: that would only take the bits away which are set last.
  if (stats.gid !== fsGroup) await change('chown', () => chown(descriptorPath(handle), -1, fsGroup))
  else if ((stats.mode & allBits) === mode) return
  await change('chmod', () => chmod(descriptorPath(handle), mode))
}
