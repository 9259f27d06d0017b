import assert from 'node:assert/strict'
import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { diskUsage } from '../../../../src/eviction/usage/disk-usage.ts'
import { temporaryFolder } from '../../volume/temporary-folder.ts'

const mebibyte = Buffer.alloc(1024 * 1024, 'x')

describe('the bytes that a folder takes up', () => {
  it('are those of its files, each counted once whatever it is called', async (t) => {
    const folder = await temporaryFolder(t)
    const empty = (await diskUsage(folder, t.signal)) ?? 0
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep', 'file'), mebibyte)
    await link(join(folder, 'deep', 'file'), join(folder, 'again'))
    const used = ((await diskUsage(folder, t.signal)) ?? 0) - empty
    assert.ok(used >= mebibyte.length && used < 1.5 * mebibyte.length, String(used))
  })

  it('are not those that a link leads to', async (t) => {
    const [folder, elsewhere] = [await temporaryFolder(t), await temporaryFolder(t)]
    await writeFile(join(elsewhere, 'file'), mebibyte)
    const before = await diskUsage(folder, t.signal)
    await symlink(elsewhere, join(folder, 'link'))
    await symlink(join(elsewhere, 'file'), join(folder, '--files0-from'))
    assert.equal(await diskUsage(folder, t.signal), before)
  })

  it('are not known of a folder that is not there, nor when nobody wants to know any more', async (t) => {
    const folder = await temporaryFolder(t)
    assert.equal(await diskUsage(join(folder, 'none'), t.signal), undefined)
    assert.equal(await diskUsage(folder, AbortSignal.abort()), undefined)
  })

  it('are told whatever a container makes du complain of', async (t) => {
    const [folder, programs] = [await temporaryFolder(t), await temporaryFolder(t)]
    // As of files that go while it counts, 20,000 of them with long names.
    const complaints = `head -c 3000000 /dev/zero >&2; echo '4\tfolder'; exit 1`
    await writeFile(join(programs, 'du'), `#!/bin/sh\n${complaints}\n`, { mode: 0o755 })
    const { PATH: before = '' } = process.env
    t.after(() => {
      process.env['PATH'] = before
    })
    process.env['PATH'] = `${programs}:${before}`
    assert.equal(await diskUsage(folder, t.signal), 4096)
  })
})
