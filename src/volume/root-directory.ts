import { mkdir, rmdir } from 'node:fs/promises'
import { KubeletError } from '../model/errors.ts'
import { podsDirectory, type NodePaths } from '../translate/paths.ts'
import type { Logger } from '../util/log.ts'
import type { Mounts } from './mounts/mounts.ts'

/**
 * Makes the agent's root directory, and lets what is mounted in it show in containers that ask for that, as the kubelet does
 * (setupDataDirs in pkg/kubelet/kubelet.go): Docker refuses to start such a container on any other mount. Where the
 * agent may not, that is told, and all other Pods run.
 */
export async function openRootDirectory(
  { root }: NodePaths,
  mounts: Mounts,
  log: Pick<Logger, 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mkdir(root, { recursive: true, mode: 0o750 })
    await mounts.shareRoot(signal)
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    log.warn(
      'The root directory is no shared mount: containers that ask for mountPropagation in volumes will not start',
      {
        error: KubeletError.from(error),
      },
    )
  }
}

/** Removes what is left of the agent's own folders when no Pod has anything in them; what is not empty stays. */
export async function closeRootDirectory(paths: NodePaths, mounts: Mounts, log: Pick<Logger, 'warn'>): Promise<void> {
  await rmdir(podsDirectory(paths)).catch(() => undefined)
  try {
    await mounts.unshareRoot()
  } catch (error) {
    log.warn('The root directory stays mounted onto itself', { error: KubeletError.from(error) })
  }
  await rmdir(paths.root).catch(() => undefined)
}
