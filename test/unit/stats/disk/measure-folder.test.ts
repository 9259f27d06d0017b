import assert from 'node:assert/strict'
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { measureFolder, measureLog } from '../../../../src/stats/disk/measure-folder.ts'
import { walkFolder } from '../../../../src/stats/disk/walk-folder.ts'
import { run } from '../../../support/command.ts'
import { FileTree } from '../../../support/file-tree.ts'

async function duOf(path: string): Promise<number> {
  return Number.parseInt(await run('du', '-skx', path), 10) * 1024
}

describe('What a folder takes up', () => {
  it('is what du(1) says, a file of two names counted once, and what a link leads to not at all', async () => {
    using tree = new FileTree()
    tree.write({ 'a/one': 'x'.repeat(10_000), 'a/b/two': 'x'.repeat(5000), 'other/large': 'x'.repeat(100_000) })
    const at = (name: string): string => join(tree.path, name)
    linkSync(at('a/one'), at('a/again'))
    symlinkSync(at('other'), at('a/elsewhere'))
    assert.deepEqual(walkFolder(at('a'), 100), { bytes: await duOf(at('a')), inodes: 5 })
  })

  it('is that of a file, where it is one', async () => {
    using tree = new FileTree()
    tree.write({ hosts: 'x' })
    const path = join(tree.path, 'hosts')
    assert.deepEqual(walkFolder(path, 10), { bytes: await duOf(path), inodes: 1 })
  })

  it('is left to du(1) when there are too many files', async ({ signal }) => {
    using tree = new FileTree()
    for (let index = 0; index < 500; index += 1) writeFileSync(join(tree.path, String(index)), '')
    assert.equal(walkFolder(tree.path, 499), undefined)
    assert.deepEqual(await measureFolder(tree.path, signal), { bytes: await duOf(tree.path), inodes: 501 })
  })

  it('is not known when it is gone', async ({ signal }) => {
    using tree = new FileTree()
    rmSync(tree.path, { recursive: true })
    assert.equal(await measureFolder(tree.path, signal), undefined)
  })
})

describe('What the log of a container takes up', () => {
  it("is that of Docker's files of it, those that were rotated away included, and of no others", () => {
    using tree = new FileTree()
    tree.write({ 'abc-json.log': 'x', 'abc-json.log.1': 'x', 'config.v2.json': 'x', hostname: 'x' })
    mkdirSync(join(tree.path, 'mounts'))
    assert.deepEqual(measureLog(tree.path), { bytes: 8192, inodes: 2 })
  })

  it('is that of the folder of the driver "local"', () => {
    using tree = new FileTree()
    tree.write({ 'local-logs/container.log': 'x', 'config.v2.json': 'x' })
    assert.equal(measureLog(tree.path)?.inodes, 2)
  })

  it('is nothing where the driver keeps none', () => {
    using tree = new FileTree()
    tree.write({ 'config.v2.json': 'x' })
    assert.equal(measureLog(tree.path), undefined)
  })
})
