import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { constants, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { KernelLog } from '../../../../src/node/oom/kernel-log.ts'

const folder = await mkdtemp(join(tmpdir(), 'minikubelet-kmsg-'))
after(() => rm(folder, { recursive: true }))

/** All that there is to read now. */
async function all(log: KernelLog): Promise<string> {
  let text = ''
  for await (const record of log.read()) text += record
  return text
}

describe("The kernel's log", () => {
  it('is read to its end without waiting there, and on from there later', async () => {
    const path = join(folder, 'kmsg')
    await promisify(execFile)('mkfifo', [path])
    await using log = await KernelLog.open(path)
    // A pipe with a writer that says nothing answers as /dev/kmsg does at its end.
    const writer = await open(path, constants.O_WRONLY)
    assert.equal(await all(log), '')
    await writer.write('6,1,2,-;one\n')
    assert.equal(await all(log), '6,1,2,-;one\n')
    await writer.write('6,2,3,-;two\n')
    assert.equal(await all(log), '6,2,3,-;two\n')
    await writer.close()
  })

  it('that may not be opened is a fault', async () => {
    await assert.rejects(KernelLog.open(join(folder, 'none')), { code: 'ENOENT' })
  })
})
