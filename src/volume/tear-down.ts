/**
 * Taking down what a Pod has on this node's disk, by what is found there: no spec is needed, as that of an orphan is gone.
 * What is mounted is unmounted first, and nothing is removed that lies across a mount which is still there.
 */
import { lstat, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { podDirectory, type NodePaths } from '../translate/paths.ts'
import { hasCode } from '../util/has-code.ts'
import { isAtOrBelow } from './mounts/mount-info.ts'
import type { Mounts } from './mounts/mounts.ts'
import { namesIn } from './names-in.ts'
import { clearFolder, removeTree } from './remove-tree.ts'

/** Kinds of volumes whose content is the Pod's and goes with it. Of others only the place where they were mounted goes. */
const ownPlugins: ReadonlySet<string> = new Set(
  ['empty-dir', 'configmap', 'secret', 'projected', 'downward-api'].map((plugin) => `kubernetes.io~${plugin}`),
)

interface Disk {
  readonly paths: NodePaths
  readonly mounts: Mounts
}

/** What could not be unmounted: targets. And why, in words. */
interface Stuck {
  readonly targets: readonly string[]
  readonly reasons: readonly string[]
}

/**
 * Unmounts and removes a Pod's volumes with the marks of their set-up; whatever else is in its directory stays. Spawns
 * nothing where nothing is mounted. Throws `conflict` when some of it stays, with why; all the rest is gone then.
 */
export async function tearDownVolumes(disk: Disk, uid: string, signal: AbortSignal): Promise<void> {
  const folder = podDirectory(disk.paths, uid)
  const stuck = await unmountBelow(disk.mounts, folder, signal)
  const left = await removeAll(await volumePlaces(folder), stuck, signal)
  throwLeft(uid, [...stuck.reasons, ...left])
}

/** Removes all else in the Pod's directory, which itself stays. Throws as `tearDownVolumes` does. */
export async function clearPodDirectory(disk: Disk, uid: string, signal: AbortSignal): Promise<void> {
  const folder = podDirectory(disk.paths, uid)
  const stuck = await unmountBelow(disk.mounts, folder, signal)
  // By their names the marks, in `plugins`, go before the volumes.
  const options = { onlyFolders: isOfOthers, topDepth: volumeDepth, signal }
  if (stuck.targets.length === 0) return throwLeft(uid, await clearFolder(folder, options))
  throwLeft(uid, [...stuck.reasons, ...(await removeAll(await volumePlaces(folder), stuck, signal))])
}

/** `volumes/<plugin>/<volume>` */
const volumeDepth = 3

/** Whether what lies in a folder of the Pod's directory is somebody else's: all that is made there is where to mount it. */
function isOfOthers(inside: string): boolean {
  const [first, plugin] = inside.split('/')
  return first === 'volumes' && plugin !== undefined && !ownPlugins.has(plugin)
}

/** Removes the Pod's directory, too, with what has come into it since it was cleared. Throws as `tearDownVolumes` does. */
export async function removePodDirectory(disk: Disk, uid: string, signal: AbortSignal): Promise<void> {
  const folder = podDirectory(disk.paths, uid)
  if (await isRemovedEmpty(folder)) return
  const stuck = await unmountBelow(disk.mounts, folder, signal)
  throwLeft(uid, [...stuck.reasons, ...(stuck.reasons.length === 0 ? await removeTree(folder, { signal }) : [])])
}

async function isRemovedEmpty(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    (error: unknown) => hasCode(error, 'ENOENT'),
  )
}

/** Unmounts all at and below a folder, what lies on top first; what is below something that stays, stays with it. */
async function unmountBelow(mounts: Mounts, folder: string, signal: AbortSignal): Promise<Stuck> {
  const targets: string[] = []
  const reasons: string[] = []
  for (const { target } of (await mounts.below(folder)).toReversed()) {
    if (targets.some((other) => isAtOrBelow(other, target))) {
      targets.push(target)
      continue
    }
    try {
      await mounts.unmount(target, signal)
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      targets.push(target)
      reasons.push(KubeletError.from(error).message.trim())
    }
  }
  return { targets, reasons }
}

/** Something in a Pod's directory that is to go. */
interface Place {
  readonly path: string
  readonly onlyFolders: boolean
}

function place(folder: string, name: string, onlyFolders = false): Place {
  return { path: join(folder, name), onlyFolders }
}

/** The marks go first: what is half removed is not ready. Folders of plugins stay, as the kubelet leaves them. */
async function volumePlaces(folder: string): Promise<readonly Place[]> {
  const [marks, volumes] = await Promise.all([
    placesOfPlugins(join(folder, 'plugins'), () => true),
    placesOfPlugins(join(folder, 'volumes'), (plugin) => ownPlugins.has(plugin)),
  ])
  return [...marks, place(folder, 'volume-subpaths'), ...volumes]
}

async function placesOfPlugins(folder: string, isOwn: (plugin: string) => boolean): Promise<readonly Place[]> {
  const places: Place[] = []
  for (const plugin of await namesInFolder(folder)) {
    const at = join(folder, plugin)
    places.push(...(await namesInFolder(at)).map((name) => place(at, name, !isOwn(plugin))))
  }
  return places
}

/** What a link leads to is not the Pod's. */
async function namesInFolder(path: string): Promise<readonly string[]> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isDirectory() === true ? namesIn(path) : []
}

async function removeAll(places: readonly Place[], stuck: Stuck, signal: AbortSignal): Promise<readonly string[]> {
  const left: string[] = []
  for (const { path, onlyFolders } of places) {
    if (stuck.targets.some((target) => isAtOrBelow(target, path))) continue
    left.push(...(await removeTree(path, { onlyFolders, signal })))
  }
  return left
}

function throwLeft(uid: string, reasons: readonly string[]): void {
  if (reasons.length === 0) return
  throw new KubeletError('conflict', `Volumes of the Pod ${uid} are not cleaned up: ${reasons.join('; ')}`)
}
