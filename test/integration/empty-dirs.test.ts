/** emptyDirs of every medium on this host's kernel, as the kubelet leaves them. */
import assert from 'node:assert/strict'
import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { EmptyDirs, type EmptyDir } from '../../src/volume/empty-dir.ts'
import { KernelMounts } from '../../src/volume/mounts/kernel-mounts.ts'
import type { MountPoint } from '../../src/volume/mounts/mounts.ts'
import { unmountAndRemove } from '../support/mounts.ts'

interface Made {
  readonly path: string
  readonly mounts: readonly MountPoint[]
  readonly mode: string
  readonly gid: number
}

/** Sets one up, twice. */
async function make(test: TestContext, volume: Pick<EmptyDir, 'mount' | 'fsGroup'>): Promise<Made> {
  const root = await mkdtemp(join(tmpdir(), 'minikubelet-empty-dirs-'))
  test.after(() => unmountAndRemove(root))
  const mounts = new KernelMounts(root)
  const path = join(root, 'volumes/a')
  for (let time = 0; time < 2; time += 1) {
    await new EmptyDirs(mounts).setUp({ path, marker: join(root, 'plugins/a'), ...volume }, test.signal)
  }
  const { mode, gid } = await stat(path)
  return { path, mounts: await mounts.below(root), mode: (mode & 0o7777).toString(8), gid }
}

const memory = { type: 'tmpfs', source: 'tmpfs', options: ['size=65536', 'noswap'] } as const

describe('An emptyDir on this host', () => {
  it('of memory is a tmpfs of its size that keeps its sticky bit', async (t) => {
    const { path, mounts, mode } = await make(t, { mount: memory, fsGroup: undefined })
    assert.deepEqual(
      mounts.map(({ target, type }) => `${target} ${type}`),
      [`${path} tmpfs`],
    )
    assert.ok(mounts[0]?.superOptions.includes('size=64k'))
    assert.equal(mode, '1777')
    await assert.rejects(writeFile(join(path, 'large'), Buffer.alloc(65_537)), { code: 'ENOSPC' })
  })

  it('of memory belongs to the group of its Pod', async (t) => {
    const { mode, gid } = await make(t, { mount: memory, fsGroup: 1234 })
    assert.deepEqual([mode, gid], ['3777', 1234])
  })

  it('of huge pages has pages of their size, if there are none to be had too', async (t) => {
    const mount = { type: 'hugetlbfs', source: 'nodev', options: ['pagesize=2Mi'] } as const
    const { mounts, mode } = await make(t, { mount, fsGroup: undefined })
    assert.deepEqual(
      [mounts.map(({ type }) => type), mounts[0]?.superOptions.includes('pagesize=2M')],
      [['hugetlbfs'], true],
    )
    assert.match(mode, /^1?7[57][57]$/u)
  })
})
