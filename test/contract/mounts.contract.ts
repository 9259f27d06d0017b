/** What every `Mounts` promises, tried on one: the fake (test/unit/volume/mounts) and the kernel's (test/integration). */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, open, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError, type ErrorCode } from '../../src/model/errors.ts'
import type { Mounts } from '../../src/volume/mounts/mounts.ts'
import { unmountAndRemove } from '../support/mounts.ts'

export type MakeMounts = (root: string) => Mounts

interface Bed {
  readonly mounts: Mounts
  readonly root: string
  /** Makes a folder in the root directory. */
  readonly folder: (path: string) => Promise<string>
  /** What is mounted below the root directory, by its path from there. */
  readonly targets: () => Promise<readonly string[]>
}

export function mountsContract(name: string, make: MakeMounts): void {
  const bed = async (test: TestContext): Promise<Bed> => {
    const root = await mkdtemp(join(tmpdir(), 'minikubelet-mounts-'))
    test.after(() => unmountAndRemove(root))
    const mounts = make(root)
    const folder = async (path: string): Promise<string> => {
      await mkdir(join(root, path), { recursive: true })
      return join(root, path)
    }
    const targets = async (): Promise<readonly string[]> =>
      (await mounts.below(root)).map(({ target }) => target.slice(root.length))
    return { mounts, root, folder, targets }
  }

  describe(`${name}`, () => {
    it('mounts a file system with its options, and tells of it', async (t) => {
      const { mounts, root, folder } = await bed(t)
      const target = await folder('a b\\c\td')
      await mounts.mount(tmpfs(target, ['size=1024k']), t.signal)
      const [mount, ...others] = await mounts.below(root)
      assert.deepEqual([mount?.type, mount?.source, mount?.target], ['tmpfs', 'tmpfs', target])
      assert.ok(mount?.superOptions.includes('size=1024k'))
      assert.deepEqual(others, [])
    })

    it('tells of what is mounted at a folder and below it, and of nothing beside it', async (t) => {
      const { mounts, root, folder } = await bed(t)
      for (const path of ['pod', 'pod/deep', 'pod-2']) await mounts.mount(tmpfs(await folder(path)), t.signal)
      const below = await mounts.below(join(root, 'pod'))
      assert.deepEqual(
        below.map(({ target }) => target),
        [join(root, 'pod'), join(root, 'pod/deep')],
      )
      assert.equal(below[1]?.parentId, below[0]?.id)
      assert.deepEqual(await mounts.below(join(root, 'no such folder')), [])
    })

    it('unmounts what is on top, one after the other, and has nothing to do where nothing is', async (t) => {
      const { mounts, folder, targets } = await bed(t)
      const target = await folder('a')
      await mounts.mount(tmpfs(target), t.signal)
      await mounts.mount(tmpfs(target), t.signal)
      assert.deepEqual(await targets(), ['/a', '/a'])
      await mounts.unmount(target)
      assert.deepEqual(await targets(), ['/a'])
      await mounts.unmount(target)
      await mounts.unmount(target)
      await mounts.unmount(join(target, 'no/such'))
      assert.deepEqual(await targets(), [])
    })

    it('refuses to unmount what has something mounted on it', async (t) => {
      const { mounts, folder, targets } = await bed(t)
      const target = await folder('a')
      await mounts.mount(tmpfs(target), t.signal)
      await mounts.mount(tmpfs(await folder('a/b')), t.signal)
      await rejects(mounts.unmount(target), 'conflict', /busy/u)
      assert.deepEqual(await targets(), ['/a', '/a/b'])
    })

    it('binds a folder and a file, for reading only where that is asked for', async (t) => {
      const { mounts, root, folder } = await bed(t)
      const [source, target] = [await folder('source'), await folder('target')]
      const [sourceFile, targetFile] = [join(source, 'file'), join(root, 'file')]
      await Promise.all([writeFile(sourceFile, 'content'), writeFile(targetFile, '')])
      await mounts.bind(source, target, {}, t.signal)
      await mounts.bind(sourceFile, targetFile, { readOnly: true }, t.signal)
      const modes = new Map((await mounts.below(root)).map(({ target: at, options }) => [at, options[0]]))
      assert.deepEqual(
        modes,
        new Map([
          [target, 'rw'],
          [targetFile, 'ro'],
        ]),
      )
    })

    it('binds a folder with options of its own', async (t) => {
      const { mounts, root, folder } = await bed(t)
      const [source, target] = [await folder('source'), await folder('target')]
      await mounts.bind(source, target, { readOnly: true, options: ['noexec', 'noatime'] }, t.signal)
      const [mount] = await mounts.below(root)
      for (const option of ['ro', 'noexec', 'noatime']) assert.ok(mount?.options.includes(option), option)
    })

    it('binds what was opened, by its descriptor', async (t) => {
      const { mounts, folder, targets } = await bed(t)
      const target = await folder('target')
      await using source = await open(await folder('source'))
      await mounts.bind(`/proc/${process.pid}/fd/${source.fd}`, target, {}, t.signal)
      assert.deepEqual(await targets(), ['/target'])
    })

    it('shows what was opened only while that is what is bound on top', async (t) => {
      const { mounts, root, folder } = await bed(t)
      const [target, source, other] = [await folder('target'), await folder('source'), await folder('other')]
      await using opened = await open(source)
      assert.equal(await mounts.shows(opened, target), false)
      assert.equal(await mounts.shows(opened, join(root, 'no/such')), false)
      await mounts.bind(source, target, {}, t.signal)
      assert.equal(await mounts.shows(opened, target), true)
      await mounts.bind(other, target, {}, t.signal)
      assert.equal(await mounts.shows(opened, target), false)
      await mounts.unmount(target)
      assert.equal(await mounts.shows(opened, target), true)
      await mounts.unmount(target)
      assert.equal(await mounts.shows(opened, target), false)
    })

    it('takes along what is mounted beneath a source where that is asked for', async (t) => {
      const { mounts, folder, targets } = await bed(t)
      const source = await folder('source')
      await mounts.mount(tmpfs(await folder('source/deep')), t.signal)
      await mounts.bind(source, await folder('one'), {}, t.signal)
      await mounts.bind(source, await folder('two'), { recursive: true }, t.signal)
      assert.deepEqual((await targets()).toSorted(), ['/one', '/source/deep', '/two', '/two/deep'])
    })

    it('says why it does not mount, and has mounted nothing', async (t) => {
      const { mounts, root, folder, targets } = await bed(t)
      const target = await folder('a')
      await writeFile(join(root, 'file'), '')
      await rejects(mounts.mount(tmpfs(target, ['bogus=1']), t.signal), 'invalid', /^mount failed: exit status 32\n/u)
      await rejects(mounts.mount({ ...tmpfs(target), type: 'none-such' }, t.signal), 'invalid', /^mount failed/u)
      await rejects(mounts.mount(tmpfs(join(root, 'b')), t.signal), 'not-found', /does not exist/u)
      await rejects(mounts.bind(target, join(root, 'file'), {}, t.signal), 'invalid', /./u)
      await rejects(mounts.bind('a', target, {}, t.signal), 'invalid', /absolute/u)
      assert.deepEqual(await targets(), [])
    })

    it('mounts and unmounts nothing outside the root directory', async (t) => {
      const { mounts, root } = await bed(t)
      for (const path of [tmpdir(), join(root, '..'), `${root}/../x`, `${root}-2`, 'a', '']) {
        await rejects(mounts.mount(tmpfs(path), t.signal), 'invalid', /does not lie below/u)
        await rejects(mounts.bind(root, path, {}, t.signal), 'invalid', /does not lie below/u)
        await rejects(mounts.unmount(path), 'invalid', /does not lie below/u)
        await rejects(mounts.below(path), 'invalid', /does not lie below/u)
      }
    })

    it('begins nothing any more when it is told to stop', async (t) => {
      const { mounts, folder, targets } = await bed(t)
      await rejects(mounts.mount(tmpfs(await folder('a')), AbortSignal.abort()), 'aborted', /./u)
      assert.deepEqual(await targets(), [])
    })

    it('shares the root directory once, and what is mounted in it from then on', async (t) => {
      const { mounts, root, folder, targets } = await bed(t)
      await mounts.shareRoot(t.signal)
      await mounts.shareRoot(t.signal)
      await mounts.mount(tmpfs(await folder('a')), t.signal)
      assert.deepEqual(await targets(), ['', '/a'])
      assert.deepEqual(
        (await mounts.below(root)).map(({ isShared }) => isShared),
        [true, true],
      )
      await rejects(mounts.unshareRoot(), 'conflict', /busy/u)
      await mounts.unmount(join(root, 'a'))
      await mounts.unshareRoot()
      await mounts.unshareRoot()
      assert.deepEqual(await targets(), [])
    })
  })
}

export function tmpfs(target: string, options: readonly string[] = []): Parameters<Mounts['mount']>[0] {
  return { type: 'tmpfs', source: 'tmpfs', target, options }
}

export async function rejects(work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => KubeletError.is(error, code) && message.test(error.message))
}
