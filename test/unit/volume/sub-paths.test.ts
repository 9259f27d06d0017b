import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { bindSubPath } from '../../../src/volume/sub-paths.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

interface Bed {
  readonly volume: string
  readonly target: string
  /** What would have spawned a process. */
  readonly calls: string[]
  readonly mounts: FakeMounts
  readonly bind: (path: string) => Promise<void>
}

async function aBed(test: TestContext): Promise<Bed> {
  const root = await temporaryFolder(test)
  const volume = join(root, 'volume')
  await mkdir(volume)
  const calls: string[] = []
  const mounts = new FakeMounts({ root, after: (call) => void calls.push(call.split(' ')[0] ?? '') })
  const target = join(root, 'pods/uid/volume-subpaths/data/main/0')
  const of = { volumeName: 'data', volumePath: volume, containerName: 'main', target }
  return { volume, target, calls, mounts, bind: (path) => bindSubPath(mounts, { ...of, path }, test.signal) }
}

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8)
}

const notMade = {
  code: 'invalid',
  message: 'failed to create subPath directory for volumeMount "data" of container "main"',
}
const notPrepared = {
  code: 'invalid',
  message: 'failed to prepare subPath for volumeMount "data" of container "main"',
}

describe('bindSubPath', () => {
  it('makes a directory with the mode of the volume, and a target that only root may look into', async (t) => {
    const { volume, target, calls, bind } = await aBed(t)
    withUmask(t, 0o022)
    await chmod(volume, 0o3777)
    await bind('new/deep')
    for (const path of ['new', 'new/deep']) assert.equal(await modeOf(join(volume, path)), '3777')
    assert.equal(await modeOf(target), '750')
    assert.equal(await modeOf(join(target, '..')), '750')
    assert.deepEqual(calls, ['bind'])
  })

  it('binds a file to a file', async (t) => {
    const { volume, target, bind } = await aBed(t)
    await writeFile(join(volume, 'file'), 'content')
    await bind('file')
    assert.equal((await stat(target)).isFile(), true)
    assert.equal(await modeOf(target), '640')
  })

  it('leaves what is bound already, and binds anew what has become another', async (t) => {
    const { volume, calls, bind } = await aBed(t)
    await bind('a')
    await bind('a')
    assert.deepEqual(calls, ['bind'])
    await rename(join(volume, 'a'), join(volume, 'old'))
    await bind('a')
    assert.deepEqual(calls, ['bind', 'unmount', 'bind'])
    await rename(join(volume, 'a'), join(volume, 'older'))
    await writeFile(join(volume, 'a'), '')
    await bind('a')
    assert.deepEqual(calls, ['bind', 'unmount', 'bind', 'unmount', 'bind'])
  })

  it('follows links inside the volume, and none out of it', async (t) => {
    const { volume, target, mounts, bind } = await aBed(t)
    await mkdir(join(volume, 'real'))
    await symlink('real', join(volume, 'link'))
    await bind('link')
    assert.equal((await mounts.below(target)).length, 1)
    await mounts.unmount(target)
    const links = { up: '..', out: '/bin', file: '/bin/sh', absent: '/bin/none', under: 'up/x' }
    for (const [name, to] of Object.entries(links)) await symlink(to, join(volume, name))
    for (const path of ['up', 'out', 'file', 'out/sh']) await assert.rejects(bind(path), notPrepared, path)
    for (const path of ['absent', 'under', 'up/new', 'out/new']) await assert.rejects(bind(path), notMade, path)
    assert.deepEqual(await mounts.below(target), [])
    assert.deepEqual((await readdir(join(volume, '..'))).toSorted(), ['pods', 'volume'])
  })

  it('says in the cause, which goes to the log only, what is wrong', async (t) => {
    const { volume, bind } = await aBed(t)
    await writeFile(join(volume, 'file'), '')
    await assert.rejects(bind('file/below'), (error) => {
      assert.ok(error instanceof KubeletError)
      assert.deepEqual([error.code, error.message], [notPrepared.code, notPrepared.message])
      return error.cause instanceof KubeletError && error.cause.message.startsWith('ENOTDIR')
    })
  })

  it('leaves nothing bound where something else got there', async (t) => {
    const { volume, target } = await aBed(t)
    await mkdir(join(volume, 'a'))
    const wrong = new FakeMounts({ root: join(volume, '..') })
    wrong.shows = async () => false
    const subPath = { volumeName: 'data', volumePath: volume, path: 'a', containerName: 'main', target }
    await assert.rejects(bindSubPath(wrong, subPath, t.signal), notPrepared)
    assert.deepEqual(await wrong.below(target), [])
  })

  it('is given up with its Pod', async (t) => {
    const { volume, target, mounts } = await aBed(t)
    const subPath = { volumeName: 'data', volumePath: volume, path: 'a', containerName: 'main', target }
    await assert.rejects(bindSubPath(mounts, subPath, AbortSignal.abort()), { code: 'aborted' })
  })
})
