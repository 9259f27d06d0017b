import assert from 'node:assert/strict'
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { closeRootDirectory, openRootDirectory } from '../../../src/volume/root-directory.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface Bed {
  readonly root: string
  readonly mounts: FakeMounts
  readonly warnings: readonly string[]
  readonly open: () => Promise<void>
  readonly close: () => Promise<void>
}

async function aBed(test: TestContext, before?: () => void): Promise<Bed> {
  const root = join(await temporaryFolder(test), 'deep/root')
  const mounts = new FakeMounts({ root, ...(before && { before }) })
  const warnings: string[] = []
  const log = { warn: (message: string) => void warnings.push(message) }
  const paths = { root, podLogs: '' }
  return {
    root,
    mounts,
    warnings,
    open: () => openRootDirectory(paths, mounts, log, test.signal),
    close: () => closeRootDirectory(paths, mounts, log),
  }
}

describe('The root directory', () => {
  it('is made and shared, once', async (t) => {
    const { root, mounts, warnings, open } = await aBed(t)
    await open()
    await open()
    assert.deepEqual(
      mounts.table.mounts.map(({ target, isShared }) => [target, isShared]),
      [[root, true]],
    )
    assert.deepEqual(warnings, [])
  })

  it('serves without being shared, which is told', async (t) => {
    const { root, warnings, open, close } = await aBed(t, () => {
      throw new KubeletError('forbidden', 'permission denied')
    })
    await open()
    assert.match(warnings.join(), /^The root directory is no shared mount: /u)
    await close()
    await assert.rejects(access(root), { code: 'ENOENT' })
  })

  it('goes when it is empty', async (t) => {
    const { root, mounts, open, close } = await aBed(t)
    await open()
    await mkdir(join(root, 'pods'))
    await close()
    await close()
    assert.deepEqual(mounts.table.mounts, [])
    await assert.rejects(access(root), { code: 'ENOENT' })
  })

  it('stays with what is left in it', async (t) => {
    const { root, mounts, open, close } = await aBed(t)
    await open()
    await mkdir(join(root, 'pods/some-pod'), { recursive: true })
    await writeFile(join(root, 'precious'), 'text')
    await close()
    assert.deepEqual(mounts.table.mounts, [])
    await rm(join(root, 'pods/some-pod'), { recursive: true })
    await close()
    assert.deepEqual(await readdir(root), ['precious'])
  })

  it('stays shared while something is mounted in it, which is told', async (t) => {
    const { root, mounts, warnings, open, close } = await aBed(t)
    await open()
    await mkdir(join(root, 'pods/some-pod'), { recursive: true })
    mounts.plant(join(root, 'pods/some-pod'))
    await close()
    assert.deepEqual([mounts.table.mounts.length, warnings], [2, ['The root directory stays mounted onto itself']])
  })
})
