import { mkdir, rmdir } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { joinMountOptions } from '../../translate/volumes/persistent-source.ts'
import type { Mounts } from '../mounts/mounts.ts'

export interface NfsRequest {
  readonly server: string
  readonly exportPath: string
  readonly target: string
  readonly readOnly: boolean
  readonly options: readonly string[]
}

/**
 * Mounts a directory of an NFS server (pkg/volume/nfs). One that is mounted already stays as it is. Throws what
 * `Mounts.mount` throws; nothing is left at the target then.
 */
export async function mountNfs(request: NfsRequest, mounts: Mounts, signal: AbortSignal): Promise<void> {
  const { server, exportPath, target, readOnly, options } = request
  if ((await mounts.below(target)).some((mount) => mount.target === target)) return
  await mkdir(target, { recursive: true, mode: 0o750 })
  const source = `${isIPv6(server) ? `[${server}]` : server}:${exportPath}`
  try {
    const all = joinMountOptions(options, readOnly ? ['ro'] : [])
    await mounts.mount({ type: 'nfs', source, target, options: all }, signal)
  } catch (error) {
    // It may have been mounted all the same, by a helper that failed afterwards.
    await mounts.unmount(target).catch(() => undefined)
    await rmdir(target).catch(() => undefined)
    throw error
  }
}
