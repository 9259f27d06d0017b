import { access, chmod, lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Mounts } from './mounts/mounts.ts'
import { setVolumeOwnership } from './ownership.ts'

export interface VolumeFolder {
  readonly path: string
  /** The folder that says that it is made, by a file `ready` in it. */
  readonly marker: string
  /** The options of the tmpfs that it is; `undefined` for one on the disk. */
  readonly tmpfs: readonly string[] | undefined
  readonly fsGroup: number | undefined
}

/** Anybody may write there, who gets there. */
const folderMode = 0o777
const permissionBits = 0o777

/**
 * Makes the folder of a volume as the kubelet's emptyDir does, which is beneath every volume whose content is the agent's
 * to write (SetUpAt in pkg/volume/emptydir): 0777 whatever the umask, of the Pod's group, and marked as ready when it is.
 * What is ready is left alone, as its mode is the containers' business from then on. Throws `KubeletError` of the mounts,
 * and Node's errors.
 */
export async function makeVolumeFolder(
  { path, marker, tmpfs, fsGroup }: VolumeFolder,
  mounts: Mounts,
  signal: AbortSignal,
): Promise<void> {
  const isMounted = tmpfs !== undefined && (await mounts.below(path)).some(({ target }) => target === path)
  const isComplete = tmpfs === undefined ? await isThere(path) : isMounted
  if (isComplete && (await isThere(join(marker, 'ready')))) return
  await rm(marker, { recursive: true, force: true })
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await mkdir(path, { recursive: true })
  if (!isMounted) {
    if (((await lstat(path)).mode & permissionBits) !== folderMode) await chmod(path, folderMode)
    if (tmpfs !== undefined)
      await mounts.mount({ type: 'tmpfs', source: 'tmpfs', target: path, options: tmpfs }, signal)
  }
  if (fsGroup !== undefined) await setVolumeOwnership(path, { fsGroup, readOnly: false, signal })
  await mkdir(marker, { recursive: true, mode: 0o750 })
  await writeFile(join(marker, 'ready'), '')
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
