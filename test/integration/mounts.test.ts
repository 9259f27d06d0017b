import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { KernelMounts } from '../../src/volume/mounts/kernel-mounts.ts'
import { mountsContract, rejects, tmpfs } from '../contract/mounts.contract.ts'
import { run } from '../support/command.ts'
import { mountsBelow, unmountAndRemove } from '../support/mounts.ts'

// What is mounted in here stays in here, whatever this machine shares: under systemd that is everything.
const place = await mkdtemp(join(tmpdir(), 'minikubelet-place-'))
await run('mount', '-t', 'tmpfs', 'tmpfs', place)
await run('mount', '--make-private', place)
process.env['TMPDIR'] = place
after(() => unmountAndRemove(place))

mountsContract("The kernel's mounts", (root) => new KernelMounts(root))

/** A root directory, and a folder outside of it on which something is mounted. */
async function aRoot(test: TestContext): Promise<{ readonly root: string; readonly outside: string }> {
  const [root, outside] = await Promise.all([
    mkdtemp(join(tmpdir(), 'minikubelet-mounts-')),
    mkdtemp(join(tmpdir(), 'minikubelet-outside-')),
  ])
  test.after(() => Promise.all([unmountAndRemove(root), unmountAndRemove(outside)]))
  await mkdir(join(outside, 'mounted'))
  await new KernelMounts(outside).mount(tmpfs(join(outside, 'mounted')), test.signal)
  return { root, outside }
}

describe("The kernel's mounts", () => {
  it('hide what was there, and show it again', async (t) => {
    const { root } = await aRoot(t)
    const mounts = new KernelMounts(root)
    await mkdir(join(root, 'a'))
    await writeFile(join(root, 'a/before'), '')
    await mounts.mount(tmpfs(join(root, 'a')), t.signal)
    assert.deepEqual(await readdir(join(root, 'a')), [])
    await mounts.unmount(join(root, 'a'))
    assert.deepEqual(await readdir(join(root, 'a')), ['before'])
  })

  it('let nobody write through a bind for reading only, and keep what the source forbids', async (t) => {
    const { root } = await aRoot(t)
    const mounts = new KernelMounts(root)
    await Promise.all([mkdir(join(root, 'a')), mkdir(join(root, 'b'))])
    await mounts.mount(tmpfs(join(root, 'a'), ['nosuid', 'nodev', 'noexec']), t.signal)
    await mounts.bind(join(root, 'a'), join(root, 'b'), { readOnly: true }, t.signal)
    await assert.rejects(writeFile(join(root, 'b/file'), ''), { code: 'EROFS' })
    await writeFile(join(root, 'a/file'), '')
    const options = (await mounts.below(join(root, 'b')))[0]?.options
    for (const option of ['ro', 'nosuid', 'nodev', 'noexec']) assert.ok(options?.includes(option), option)
  })

  it('are found and unmounted where the way to the root directory leads through a link', async (t) => {
    const { root } = await aRoot(t)
    const link = `${root}-link`
    await symlink(root, link)
    t.after(() => rm(link, { force: true }))
    const mounts = new KernelMounts(link)
    await mkdir(join(link, 'a'))
    await mounts.mount(tmpfs(join(link, 'a')), t.signal)
    assert.deepEqual(
      (await mounts.below(link)).map(({ target }) => target),
      [join(link, 'a')],
    )
    await mounts.unmount(join(link, 'a'))
    assert.deepEqual(mountsBelow(root), [])
  })

  it('are not touched outside the root directory by way of a link, wherever it is put', async (t) => {
    const { root, outside } = await aRoot(t)
    const mounts = new KernelMounts(root)
    await symlink(outside, join(root, 'way'))
    await symlink(join(outside, 'mounted'), join(root, 'place'))
    for (const target of [join(root, 'way/mounted'), join(root, 'place')]) {
      await rejects(mounts.mount(tmpfs(target), t.signal), 'conflict', /./u)
      await rejects(mounts.bind(root, target, {}, t.signal), 'conflict', /./u)
      await mounts.unmount(target)
    }
    assert.deepEqual(mountsBelow(outside), [join(outside, 'mounted')])
  })

  it('leave a root directory alone that somebody else has mounted', async (t) => {
    const { root, outside } = await aRoot(t)
    const disk = new KernelMounts(join(outside, 'mounted'))
    await disk.shareRoot(t.signal)
    const shared = mountsBelow(outside)
    assert.deepEqual(shared, [join(outside, 'mounted'), join(outside, 'mounted')])
    await disk.unshareRoot()
    await disk.unshareRoot()
    assert.deepEqual(mountsBelow(outside), [join(outside, 'mounted')])
    assert.deepEqual(mountsBelow(root), [])
  })

  it('leave a root directory alone that is shared already, with all around it', async (t) => {
    const { outside } = await aRoot(t)
    const shared = join(outside, 'mounted')
    await run('mount', '--make-shared', shared)
    await mkdir(join(shared, 'root'))
    const mounts = new KernelMounts(join(shared, 'root'))
    await mounts.shareRoot(t.signal)
    assert.deepEqual(mountsBelow(outside), [shared])
    await mounts.unshareRoot()
    assert.deepEqual(mountsBelow(outside), [shared])
  })

  it('take no word of a Pod for an option of mount', async (t) => {
    const { root } = await aRoot(t)
    const mounts = new KernelMounts(root)
    const target = join(root, 'a')
    await mkdir(target)
    await mounts.mount({ ...tmpfs(target), source: '--version' }, t.signal)
    assert.equal((await mounts.below(target))[0]?.source, '--version')
  })

  it('stay where somebody uses them', async (t) => {
    const { root } = await aRoot(t)
    const mounts = new KernelMounts(root)
    const target = join(root, 'a')
    await mkdir(target)
    await mounts.mount(tmpfs(target), t.signal)
    const before = process.cwd()
    process.chdir(target)
    t.after(() => process.chdir(before))
    await rejects(mounts.unmount(target), 'conflict', /^unmount failed: exit status 32\n.*busy/su)
    assert.deepEqual(mountsBelow(root), [target])
    process.chdir(before)
    await mounts.unmount(target)
    assert.deepEqual(mountsBelow(root), [])
  })
})
