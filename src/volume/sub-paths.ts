/**
 * Parts of volumes that containers mount (`subPath`): each is bound, by the descriptor that it was opened with, to a
 * place in the Pod's directory that no container can change, and Docker mounts it from there (pkg/volume/util/subpath).
 * A path that Docker would look up again might lead elsewhere by then.
 */
import { lstat, mkdir, open, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { cannotPrepareSubPath, type SubPath } from '../translate/sub-path.ts'
import { goQuote } from '../util/go-quote.ts'
import { hasCode } from '../util/has-code.ts'
import type { Mounts } from './mounts/mounts.ts'
import { descriptorPath, makeBelow, openBelow, openRoot, realBelow } from './open-below.ts'

/** A volume may be written anew while we look. */
const mostTries = 3

/**
 * Binds a part of a volume, which is made as a directory where there is none. May be repeated: what is bound there is left
 * when it is the same still, and replaced when it is not. Throws `invalid` in the kubelet's words, which tell nothing of the
 * host; why is its cause.
 */
export async function bindSubPath(mounts: Mounts, subPath: SubPath, signal: AbortSignal): Promise<void> {
  const { volumeName, volumePath, containerName, path } = subPath
  const of = `for volumeMount ${goQuote(volumeName)} of container ${goQuote(containerName)}`
  try {
    if (await isMissing(join(volumePath, path))) await makeSubPath(volumePath, path)
  } catch (cause) {
    throw new KubeletError('invalid', `failed to create subPath directory ${of}`, { cause: KubeletError.from(cause) })
  }
  try {
    await using root = await openRoot(volumePath)
    await using opened = await openSubPath(root, path)
    if (!(await mounts.shows(opened, subPath.target))) await bindOpened(mounts, opened, subPath.target, signal)
  } catch (cause) {
    if (KubeletError.is(cause, 'aborted')) throw cause
    const message = cannotPrepareSubPath(volumeName, containerName)
    throw new KubeletError('invalid', message, { cause: KubeletError.from(cause) })
  }
}

/** What there is but can't be looked at will not open, either: that says why. */
async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => hasCode(error, 'ENOENT'),
  )
}

/** With the mode of the volume: an fsGroup's members may write to both, or to none. */
async function makeSubPath(volumePath: string, path: string): Promise<void> {
  await using root = await openRoot(volumePath)
  await makeBelow(root, path, (await root.stat()).mode & 0o7777)
}

async function openSubPath(root: FileHandle, path: string, tries = 1): Promise<FileHandle> {
  try {
    return await openBelow(root, await realBelow(root, path))
  } catch (error) {
    const mayHaveMoved = KubeletError.is(error, 'conflict') || hasCode(error, 'ENOENT')
    if (!mayHaveMoved || tries === mostTries) throw error
    return openSubPath(root, path, tries + 1)
  }
}

async function bindOpened(mounts: Mounts, opened: FileHandle, target: string, signal: AbortSignal): Promise<void> {
  for (const stale of (await mounts.below(target)).toReversed()) await mounts.unmount(stale.target)
  await makeTarget(target, (await opened.stat()).isDirectory())
  await mounts.bind(descriptorPath(opened), target, {}, signal)
  if (await mounts.shows(opened, target)) return
  await mounts.unmount(target)
  throw new KubeletError('conflict', `${target} does not show what was opened for it`)
}

/** Whatever is no directory, a device or a pipe too, is bound to a file. */
async function makeTarget(target: string, isDirectory: boolean): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o750 })
  const there = await lstat(target).catch(() => undefined)
  if (there !== undefined && there.isDirectory() === isDirectory) return
  if (there !== undefined) await (there.isDirectory() ? rmdir(target) : rm(target))
  if (isDirectory) await mkdir(target, 0o750)
  else await (await open(target, 'wx', 0o640)).close()
}
