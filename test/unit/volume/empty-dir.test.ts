import assert from 'node:assert/strict'
import { access, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { EmptyDirs, type EmptyDir } from '../../../src/volume/empty-dir.ts'
import { FakeMounts, MountTable, type MountCall } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

const memory = { type: 'tmpfs', source: 'tmpfs', options: ['size=4096', 'noswap'] } as const
const huge = { type: 'hugetlbfs', source: 'nodev', options: ['pagesize=2Mi'] } as const

interface Bed {
  readonly calls: MountCall[]
  readonly table: MountTable
  readonly path: string
  readonly marker: string
  /** Has an agent set it up that knows nothing of those before it. */
  readonly setUp: (change?: Partial<EmptyDir>) => Promise<void>
}

/** @param before See `FakeMountsOptions`. */
async function aBed(test: TestContext, before: (call: MountCall) => void = () => {}): Promise<Bed> {
  const root = await temporaryFolder(test)
  const calls: MountCall[] = []
  const table = new MountTable()
  const path = join(root, 'volumes/kubernetes.io~empty-dir/a')
  const marker = join(root, 'plugins/kubernetes.io~empty-dir/a')
  const setUp = async (change: Partial<EmptyDir> = {}): Promise<void> => {
    const mounts = new FakeMounts({
      root,
      table,
      before: (call) => {
        calls.push(call.split(' ').slice(0, -1).join(' '))
        before(call)
      },
    })
    const volume = { path, marker, mount: undefined, fsGroup: undefined, ...change }
    await new EmptyDirs(mounts).setUp(volume, test.signal)
  }
  return { calls, table, path, marker, setUp }
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8)
}

async function isReady(marker: string): Promise<boolean> {
  return access(join(marker, 'ready')).then(
    () => true,
    () => false,
  )
}

describe('An emptyDir', () => {
  for (const umask of [0o022, 0o077]) {
    it(`is open to everybody, and marked as ready, under umask ${umask.toString(8)}`, async (t) => {
      const { path, marker, setUp, calls } = await aBed(t)
      withUmask(t, umask)
      await setUp()
      assert.equal(await modeOf(path), '777')
      assert.equal(await readFile(join(marker, 'ready'), 'utf8'), '')
      assert.equal(await modeOf(marker), (0o750 & ~umask).toString(8))
      assert.deepEqual(calls, [])
    })
  }

  it('is left as the containers have it when it is ready', async (t) => {
    const { path, setUp } = await aBed(t)
    await setUp({ fsGroup: 1234 })
    assert.deepEqual([await modeOf(path), (await stat(path)).gid], ['2777', 1234])
    await chmod(path, 0o700)
    await writeFile(join(path, 'content'), 'kept')
    await setUp({ fsGroup: 1234 })
    assert.equal(await modeOf(path), '700')
    assert.equal(await readFile(join(path, 'content'), 'utf8'), 'kept')
  })

  it('is made whole when an agent before has not come to its end, and keeps what is in it', async (t) => {
    const { path, marker, setUp } = await aBed(t)
    await mkdir(path, { recursive: true, mode: 0o700 })
    await writeFile(join(path, 'content'), 'kept')
    await mkdir(marker, { recursive: true })
    await setUp({ fsGroup: 1234 })
    assert.deepEqual([await modeOf(path), (await stat(path)).gid], ['2777', 1234])
    assert.equal(await readFile(join(path, 'content'), 'utf8'), 'kept')
    assert.equal(await isReady(marker), true)
  })

  it('is made anew when somebody has removed it, whatever its mark says', async (t) => {
    const { path, setUp } = await aBed(t)
    await setUp()
    await rm(path, { recursive: true })
    await setUp()
    assert.equal(await modeOf(path), '777')
  })

  for (const mount of [memory, huge]) {
    it(`is mounted once as a ${mount.type}`, async (t) => {
      const { table, calls, path, setUp } = await aBed(t)
      await setUp({ mount })
      await setUp({ mount })
      assert.deepEqual(calls, [`mount ${mount.type}`])
      const [mounted] = table.mounts
      assert.deepEqual([mounted?.target, mounted?.source], [path, mount.source])
      for (const option of mount.options) assert.ok(mounted?.superOptions.includes(option), option)
    })

    it(`is mounted anew as a ${mount.type} when the mount is gone, after the host has started anew say`, async (t) => {
      const { table, calls, marker, setUp } = await aBed(t)
      await setUp({ mount })
      table.mounts = []
      await setUp({ mount })
      assert.deepEqual(calls, [`mount ${mount.type}`, `mount ${mount.type}`])
      assert.equal(await isReady(marker), true)
    })
  }

  it('is not mounted a second time when the agent was killed right after it had been', async (t) => {
    const { table, calls, marker, setUp } = await aBed(t)
    await setUp({ mount: memory })
    await rm(marker, { recursive: true })
    await setUp({ mount: memory, fsGroup: 1234 })
    assert.deepEqual([calls, table.mounts.length], [['mount tmpfs'], 1])
    assert.equal(await isReady(marker), true)
  })

  it('is not ready when it could not be mounted, and is tried anew', async (t) => {
    let isBroken = true
    const { marker, table, setUp } = await aBed(t, () => {
      if (isBroken) throw new KubeletError('invalid', 'mount failed')
    })
    await assert.rejects(setUp({ mount: memory }), { code: 'invalid' })
    assert.equal(await isReady(marker), false)
    isBroken = false
    await setUp({ mount: memory })
    assert.deepEqual([await isReady(marker), table.mounts.length], [true, 1])
  })

  it('may be swapped out where the kernel does not know better, which is found out once', async (t) => {
    const root = await temporaryFolder(t)
    const calls: string[] = []
    class OldMounts extends FakeMounts {
      override async mount(...[request, signal]: Parameters<FakeMounts['mount']>): Promise<void> {
        calls.push(request.options.join(','))
        if (request.options.includes('noswap')) throw new KubeletError('invalid', 'bad option')
        return super.mount(request, signal)
      }
    }
    const emptyDirs = new EmptyDirs(new OldMounts({ root }))
    for (const name of ['a', 'b']) {
      const marker = join(root, 'marks', name)
      await emptyDirs.setUp({ path: join(root, name), marker, mount: memory, fsGroup: undefined }, t.signal)
    }
    assert.deepEqual(calls, ['size=4096,noswap', 'size=4096', 'size=4096'])
  })
})
