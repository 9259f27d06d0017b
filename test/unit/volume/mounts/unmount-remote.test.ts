import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { isRemote, remoteLimitMs, unmountRemote } from '../../../../src/volume/mounts/unmount-remote.ts'

/** umount of a mount whose server does not answer: it ends when it is told to, or by force. */
function hanging(calls: string[]) {
  return async (options: readonly string[], signal: AbortSignal | undefined): Promise<void> => {
    calls.push(['umount', ...options].join(' '))
    if (options.includes('--force') || signal === undefined) return
    if (!signal.aborted) await once(signal, 'abort')
    throw new KubeletError('aborted', 'umount was given up')
  }
}

describe('what a server serves', () => {
  it('is a mount of NFS, of any version', () => {
    assert.deepEqual(
      ['nfs', 'nfs4', 'tmpfs', 'ext4'].filter((type) => isRemote({ type })),
      ['nfs', 'nfs4'],
    )
  })

  it('is unmounted by force when the server does not answer in time', async () => {
    const calls: string[] = []
    await unmountRemote(hanging(calls), 1, undefined)
    assert.deepEqual(calls, ['umount', 'umount --force'])
  })

  it('is not forced off for whoever has gone, nor when umount says no', async () => {
    const calls: string[] = []
    await assert.rejects(unmountRemote(hanging(calls), remoteLimitMs, AbortSignal.abort()), { code: 'aborted' })
    assert.deepEqual(calls, ['umount'])
    const busy = async (): Promise<void> => {
      throw new KubeletError('conflict', 'target is busy')
    }
    await assert.rejects(unmountRemote(busy, remoteLimitMs, undefined), { code: 'conflict' })
  })
})
