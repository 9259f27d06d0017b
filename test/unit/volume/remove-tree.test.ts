import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { access, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { removeTree } from '../../../src/volume/remove-tree.ts'
import { temporaryFolder } from './temporary-folder.ts'

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Folders in folders, each with something in it, step by step: such a path has no name. */
async function makeDeep(folder: string, depth: number): Promise<void> {
  let at = await open(folder)
  for (let level = 0; level < depth; level += 1) {
    const path = `/proc/self/fd/${at.fd}`
    await Promise.all([mkdir(`${path}/deeper`), mkdir(`${path}/beside`), writeFile(`${path}/file`, '')])
    const next = await open(`${path}/deeper`)
    await at.close()
    at = next
  }
  await at.close()
}

describe('removeTree', () => {
  it('removes a folder with all that is in it, and nothing beside it', async (t) => {
    const root = await temporaryFolder(t)
    await mkdir(join(root, 'gone/a/b/c'), { recursive: true })
    await mkdir(join(root, 'gone-2'))
    for (const path of ['gone/file', 'gone/a/file', 'gone/a/b/c/file', 'gone/.hidden', 'gone/a/..data']) {
      await writeFile(join(root, path), 'content')
    }
    assert.deepEqual(await removeTree(join(root, 'gone'), { signal: t.signal }), [])
    assert.deepEqual(await readdir(root), ['gone-2'])
  })

  it('removes what is no folder, and has nothing to do where nothing is', async (t) => {
    const root = await temporaryFolder(t)
    await mkdir(join(root, 'kept'))
    await writeFile(join(root, 'kept/file'), '')
    await writeFile(join(root, 'file'), '')
    await symlink(join(root, 'kept'), join(root, 'link'))
    for (const name of ['file', 'link', 'none', 'none/at/all']) {
      assert.deepEqual(await removeTree(join(root, name), { signal: t.signal }), [])
    }
    assert.deepEqual(await readdir(root), ['kept'])
    assert.deepEqual(await readdir(join(root, 'kept')), ['file'])
  })

  it('follows no link, whatever it leads to', async (t) => {
    const root = await temporaryFolder(t)
    const outside = join(root, 'outside')
    await mkdir(join(outside, 'folder'), { recursive: true })
    await writeFile(join(outside, 'folder/file'), 'kept')
    await mkdir(join(root, 'gone/deep'), { recursive: true })
    await symlink(outside, join(root, 'gone/to-folder'))
    await symlink('../../outside/folder', join(root, 'gone/deep/relative'))
    await symlink(join(outside, 'folder/file'), join(root, 'gone/to-file'))
    await symlink('nowhere', join(root, 'gone/dangling'))
    await symlink('.', join(root, 'gone/itself'))
    assert.deepEqual(await removeTree(join(root, 'gone'), { signal: t.signal }), [])
    assert.equal(await readFile(join(outside, 'folder/file'), 'utf8'), 'kept')
    assert.deepEqual(await readdir(root), ['outside'])
  })

  it('removes pipes, sockets, what nobody may read, and names that are no text', async (t) => {
    const root = await temporaryFolder(t)
    const gone = join(root, 'gone')
    await mkdir(join(gone, 'closed'), { recursive: true, mode: 0 })
    execFileSync('mkfifo', [join(gone, 'pipe')])
    const names = [Buffer.from([0xff, 0xfe]), Buffer.from('a\nb\\'), Buffer.from('--help'), Buffer.from('ü€')]
    for (const name of names) {
      await writeFile(Buffer.concat([Buffer.from(`${gone}/`), name]), '')
      await mkdir(Buffer.concat([Buffer.from(`${gone}/closed/`), name]))
    }
    assert.deepEqual(await removeTree(gone, { signal: t.signal }), [])
    assert.equal(await isThere(gone), false)
  })

  it('removes folders in folders, deeper than a path or the number of open files can be', async (t) => {
    const root = await temporaryFolder(t)
    await mkdir(join(root, 'gone'))
    await makeDeep(join(root, 'gone'), 1200)
    assert.deepEqual(await removeTree(join(root, 'gone'), { signal: t.signal }), [])
    assert.deepEqual(await readdir(root), [])
  })

  it('goes through a folder again to which somebody adds, and says where somebody never ends', async (t) => {
    const root = await temporaryFolder(t)
    const gone = join(root, 'gone')
    await mkdir(gone)
    await Promise.all(Array.from({ length: 2000 }, (_, index) => writeFile(join(gone, `${index}`), '')))
    const stop = new AbortController()
    let added = 0
    const adding = (async () => {
      while (!stop.signal.aborted) await writeFile(join(gone, `more-${(added += 1)}`), '').catch(() => undefined)
    })()
    const left = await removeTree(gone, { signal: t.signal })
    stop.abort()
    await adding
    assert.ok(left.length === 0 || /somebody goes on writing to it/u.test(left[0] ?? ''), left.join())
    assert.deepEqual(await removeTree(gone, { signal: t.signal }), [])
  })

  it('leaves files where only folders are to go, and tells of some of them', async (t) => {
    const root = await temporaryFolder(t)
    await mkdir(join(root, 'volume/empty/empty'), { recursive: true })
    await mkdir(join(root, 'volume/full'), { recursive: true })
    for (let index = 0; index < 9; index += 1) await writeFile(join(root, 'volume/full', `${index}`), 'kept')
    const left = await removeTree(join(root, 'volume'), { onlyFolders: true, signal: t.signal })
    assert.equal(left.length, 5)
    assert.match(left[0] ?? '', /volume\/full\/\d: it is no folder, and not ours to remove/u)
    assert.deepEqual(await readdir(join(root, 'volume')), ['full'])
    assert.equal((await readdir(join(root, 'volume/full'))).length, 9)
  })

  it('tells what it may not remove, and removes what is beside it', async (t) => {
    const root = await temporaryFolder(t)
    await mkdir(join(root, 'gone/a'), { recursive: true })
    await writeFile(join(root, 'gone/a/fixed'), '')
    await writeFile(join(root, 'gone/b'), '')
    execFileSync('chattr', ['+i', join(root, 'gone/a/fixed')])
    try {
      const left = await removeTree(join(root, 'gone'), { signal: t.signal })
      assert.deepEqual(left, [`${join(root, 'gone/a/fixed')}: it is made immutable (chattr), or the agent may not`])
      assert.deepEqual(await readdir(join(root, 'gone')), ['a'])
    } finally {
      execFileSync('chattr', ['-i', join(root, 'gone/a/fixed')])
    }
  })

  it('stops when it is told to', async (t) => {
    const root = await temporaryFolder(t)
    await assert.rejects(removeTree(root, { signal: AbortSignal.abort() }), { code: 'aborted' })
    await using folder = await open(root)
    assert.ok((await folder.stat()).isDirectory())
  })
})
