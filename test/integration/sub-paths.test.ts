import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir, mkdtemp, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../src/model/errors.ts'
import { KernelMounts } from '../../src/volume/mounts/kernel-mounts.ts'
import { bindSubPath } from '../../src/volume/sub-paths.ts'
import { tmpfs } from '../contract/mounts.contract.ts'
import { mountsBelow, unmountAndRemove } from '../support/mounts.ts'
import { run } from '../support/command.ts'

interface Bed {
  readonly root: string
  readonly volume: string
  /** Beside the volume: what no container has been given. */
  readonly outside: string
  readonly target: string
  readonly mounts: KernelMounts
  readonly bind: (path: string) => Promise<void>
}

async function aBed(test: TestContext): Promise<Bed> {
  const root = await mkdtemp(join(tmpdir(), 'minikubelet-sub-paths-'))
  test.after(() => unmountAndRemove(root))
  const [volume, outside] = [join(root, 'volume'), join(root, 'outside')]
  await Promise.all([mkdir(volume), mkdir(outside)])
  const mounts = new KernelMounts(root)
  const target = join(root, 'pods/uid/volume-subpaths/data/main/0')
  const of = { volumeName: 'data', volumePath: volume, containerName: 'main', target }
  const bind = (path: string): Promise<void> => bindSubPath(mounts, { ...of, path }, test.signal)
  return { root, volume, outside, target, mounts, bind }
}

/** A container that puts a link in the place of a folder and takes it away again, as fast as it can. */
async function swapping(folder: string, link: string): Promise<AsyncDisposable> {
  const program = `
    const { renameSync: rename } = require('node:fs')
    const [folder, link] = process.argv.slice(1)
    let made = 0
    // The agent makes what is missing: that is put away.
    const move = (from, to) => {
      try {
        rename(from, to)
      } catch {
        rename(to, folder + '.made-' + made++)
        move(from, to)
      }
    }
    console.log('begun')
    for (;;) {
      move(folder, folder + '.away')
      move(link, folder)
      move(folder, link)
      move(folder + '.away', folder)
    }`
  const child = spawn(process.execPath, ['-e', program, folder, link], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Binds again and again; returns how often that was done, and how often refused in the kubelet's words. */
async function countBinds(rounds: number, bind: (round: number) => Promise<void>) {
  const counts = { bound: 0, refused: 0 }
  for (let round = 0; round < rounds; round += 1) {
    try {
      await bind(round)
      counts.bound += 1
    } catch (error) {
      if (!(error instanceof KubeletError)) throw error
      assert.match(error.message, /^failed to (prepare subPath|create subPath directory) for volumeMount "data" of/u)
      counts.refused += 1
    }
  }
  return counts
}

describe('A part of a volume', () => {
  it('is shown as it is: a folder, a file, a pipe, a socket, a device', async (t) => {
    const { volume, target, bind } = await aBed(t)
    await mkdir(join(volume, 'folder'))
    await writeFile(join(volume, 'folder/inside'), '')
    await writeFile(join(volume, 'file'), '')
    await run('mkfifo', join(volume, 'pipe'))
    await run('mknod', join(volume, 'null'), 'c', '1', '3')
    const server = createServer().listen(join(volume, 'socket'))
    t.after(() => server.close())
    await once(server, 'listening')
    for (const path of ['folder', 'file', 'pipe', 'null', 'socket']) {
      await bind(path)
      const [shown, there] = await Promise.all([lstat(target), lstat(join(volume, path))])
      assert.deepEqual([shown.ino, shown.mode], [there.ino, there.mode], path)
      assert.deepEqual(mountsBelow(target), [target])
    }
  })

  it('is found under odd and long names', async (t) => {
    const { volume, target, bind } = await aBed(t)
    const deep = Array.from({ length: 12 }, () => 'x'.repeat(255)).join('/')
    for (const path of ['a b\n\t$(x)`"\'\\', '-o ro', '…/ü', '/.//./a/.'.slice(1), deep]) {
      await bind(path)
      assert.equal((await stat(target)).ino, (await stat(join(volume, path))).ino, path)
    }
    await assert.rejects(bind('x'.repeat(256)), { code: 'invalid' })
  })

  it('has what is mounted at it, and not what is mounted beneath it', async (t) => {
    const { volume, target, bind } = await aBed(t)
    const kernel = new KernelMounts(volume)
    await mkdir(join(volume, 'a'))
    await kernel.mount(tmpfs(join(volume, 'a')), t.signal)
    await mkdir(join(volume, 'a/b'))
    await kernel.mount(tmpfs(join(volume, 'a/b')), t.signal)
    await Promise.all([writeFile(join(volume, 'a/upper'), ''), writeFile(join(volume, 'a/b/lower'), '')])
    await bind('a')
    assert.deepEqual((await readdir(target)).toSorted(), ['b', 'upper'])
    assert.deepEqual(await readdir(join(target, 'b')), [])
  })

  it('stays bound when it is removed from the volume, and can be taken down', async (t) => {
    const { volume, target, mounts, bind } = await aBed(t)
    await bind('a')
    await run('rm', '-r', join(volume, 'a'))
    await mounts.unmount(target)
    assert.deepEqual(mountsBelow(target), [])
  })

  it('is bound anew where another has taken its place, of whatever kind', async (t) => {
    const { volume, target, bind } = await aBed(t)
    await bind('a')
    await rename(join(volume, 'a'), join(volume, 'b'))
    await writeFile(join(volume, 'a'), 'second')
    await bind('a')
    assert.equal((await lstat(target)).isFile(), true)
    assert.deepEqual(mountsBelow(target), [target])
  })
})

describe('A volume whose folders are swapped for links', () => {
  it('never has anything of the host shown in it', async (t) => {
    const { volume, outside, target, bind } = await aBed(t)
    await mkdir(join(volume, 'swapped/part'), { recursive: true })
    await mkdir(join(outside, 'part'))
    await Promise.all(['theirs', 'part/theirs'].map((path) => writeFile(join(outside, path), '')))
    await symlink(outside, join(volume, 'link'))
    await using _container = await swapping(join(volume, 'swapped'), join(volume, 'link'))
    const counts = await countBinds(200, async (round) => {
      const path = round % 2 === 0 ? 'swapped/part' : 'swapped'
      await bind(path)
      const shown = await readdir(target)
      assert.ok(!shown.includes('theirs'), `${path} shows ${shown.join(', ')}`)
    })
    assert.ok(counts.bound > 0, JSON.stringify(counts))
  })

  it('never has anything made outside of it', async (t) => {
    const { volume, outside, bind } = await aBed(t)
    await mkdir(join(volume, 'swapped'))
    await symlink(outside, join(volume, 'link'))
    await using _container = await swapping(join(volume, 'swapped'), join(volume, 'link'))
    const counts = await countBinds(200, (round) => bind(`swapped/new-${round}/deep`))
    assert.ok(counts.bound > 0, JSON.stringify(counts))
    assert.deepEqual(await readdir(outside), [])
  })

  it('is not waited for when a pipe takes the place of a folder', async (t) => {
    const { volume, bind } = await aBed(t)
    await mkdir(join(volume, 'swapped'))
    await run('mkfifo', join(volume, 'pipe'))
    await using _container = await swapping(join(volume, 'swapped'), join(volume, 'pipe'))
    const counts = await countBinds(50, (round) => bind(`swapped/new-${round}`))
    assert.equal(counts.bound + counts.refused, 50)
  })
})
