import { KubeletError } from '../../model/errors.ts'

/**
 * File systems of a server, which may not answer: whatever looks at such a mount may then wait in the kernel for ever, and
 * a thread of this process with it.
 */
const remoteTypes: ReadonlySet<string> = new Set(['nfs', 'nfs4'])

/** As long as the kubelet gives a server before it forces its mount off (unMountTimeout in pkg/volume/nfs). */
export const remoteLimitMs = 60_000

export function isRemote({ type }: { readonly type: string }): boolean {
  return remoteTypes.has(type)
}

/**
 * Unmounts what a server serves, by force if that takes too long (CleanupMountWithForce in k8s.io/mount-utils). `unmount`
 * runs umount with these options besides its own. Throws what it throws, `aborted` only when `signal` fires.
 */
export async function unmountRemote(
  unmount: (options: readonly string[], signal: AbortSignal | undefined) => Promise<void>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limit = AbortSignal.timeout(limitMs)
  try {
    await unmount([], signal === undefined ? limit : AbortSignal.any([signal, limit]))
  } catch (error) {
    if (signal?.aborted === true || !KubeletError.is(error, 'aborted')) throw error
    await unmount(['--force'], signal)
  }
}
