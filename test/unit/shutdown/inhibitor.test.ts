import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { inhibitShutdown } from '../../../src/shutdown/inhibitor.ts'
import { temporaryFolder } from '../volume/temporary-folder.ts'

/** Has the shell do this where systemd-inhibit is asked for. */
async function asInhibitor(t: TestContext, script: string): Promise<void> {
  const folder = await temporaryFolder(t)
  const path = process.env['PATH']
  t.after(() => (process.env['PATH'] = path))
  process.env['PATH'] = `${folder}:${path}`
  await writeFile(join(folder, 'systemd-inhibit'), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, 'systemd-inhibit'), 0o755)
}

describe('the lock that holds up a shutdown', () => {
  it('is gone when the command that holds it dies', async (t) => {
    await asInhibitor(t, 'echo held; kill -9 $$')
    await using lock = await inhibitShutdown('unix:path=/nowhere', t.signal)
    await lock.gone
  })

  it('is none when the command says why it has none', async (t) => {
    await asInhibitor(t, 'echo "Failed to inhibit: no" >&2; exit 1')
    await assert.rejects(inhibitShutdown('unix:path=/nowhere', t.signal), {
      code: 'unavailable',
      message: 'failed creating systemd inhibitor: Failed to inhibit: no',
    })
  })
})
