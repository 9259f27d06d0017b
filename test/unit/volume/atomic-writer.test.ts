import assert from 'node:assert/strict'
import {
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { writeAtomically } from '../../../src/volume/atomic-writer.ts'
import { diskCalls, memoryCalls } from '../../../src/volume/file-calls.ts'
import { payloadOf } from '../../support/payloads.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

const timestamped = /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$/u

/** What containers see of a volume: the text of every file by its path. */
async function visible(volume: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(volume)).filter((name) => !name.startsWith('..'))
  const texts = await Promise.all(names.map(async (name) => texted(join(volume, name), name)))
  return Object.fromEntries(texts.flat())
}

async function texted(path: string, name: string): Promise<readonly (readonly [string, string])[]> {
  if (!(await stat(path)).isDirectory()) return [[name, await readFile(path, 'utf8')]]
  const inner = await readdir(path)
  return (await Promise.all(inner.map((each) => texted(join(path, each), `${name}/${each}`)))).flat()
}

async function internal(volume: string): Promise<readonly string[]> {
  return (await readdir(volume)).filter((name) => name.startsWith('..')).toSorted()
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8)
}

for (const [where, calls] of [
  ['on a disk', diskCalls],
  ['in memory', memoryCalls],
] as const) {
  const options = { fsGroup: undefined, calls, signal: new AbortController().signal }

  const written = async (test: TestContext, files: Readonly<Record<string, string>>): Promise<string> => {
    const volume = await temporaryFolder(test)
    await writeAtomically(volume, payloadOf(files), options)
    return volume
  }

  describe(`the files of a volume, ${where}`, () => {
    it('lie in a folder that has the time in its name, and are seen through links', async (test) => {
      const volume = await written(test, { key: 'value', 'path/to/key': 'deep' })
      const folder = await readlink(join(volume, '..data'))
      assert.match(folder, timestamped)
      assert.deepEqual((await readdir(volume)).toSorted(), [folder, '..data', 'key', 'path'].toSorted())
      assert.equal(await readlink(join(volume, 'key')), '..data/key')
      assert.equal(await readlink(join(volume, 'path')), '..data/path')
      assert.deepEqual(await visible(volume), { key: 'value', 'path/to/key': 'deep' })
    })

    it('have their modes whatever the umask, and folders 0755', async (test) => {
      withUmask(test, 0o077)
      const volume = await temporaryFolder(test)
      await writeAtomically(
        volume,
        new Map([...payloadOf({ 'dir/a': '' }, 0o466), ...payloadOf({ b: '' }, 0)]),
        options,
      )
      assert.equal(await modeOf(join(volume, 'dir/a')), '466')
      assert.equal(await modeOf(join(volume, 'b')), '0')
      assert.equal(await modeOf(join(volume, 'dir')), '755')
      assert.equal(await modeOf(join(volume, '..data')), '755')
    })

    it('are not written again when they are the same', async (test) => {
      const volume = await written(test, { a: '1', 'dir/b': '2' })
      const before = await stat(join(volume, 'a'))
      await writeAtomically(volume, payloadOf({ a: '1', 'dir/b': '2' }), options)
      const after = await stat(join(volume, 'a'))
      assert.deepEqual([after.ino, after.ctimeMs], [before.ino, before.ctimeMs])
    })

    for (const [title, files] of [
      ['a text that is other', { a: 'other', 'dir/b': '2', c: '' }],
      ['a text of the same length', { a: 'x', 'dir/b': '2', c: '' }],
      ['one more', { a: '1', 'dir/b': '2', 'dir/c': '3', c: '' }],
      ['one less', { a: '1', c: '' }],
      ['a folder where a file was', { 'a/x': '1', 'dir/b': '2', c: '' }],
      ['a file where a folder was', { a: '1', dir: '2', c: '' }],
      ['none', {}],
    ] as const) {
      it(`change all at once: ${title}`, async (test) => {
        const volume = await written(test, { a: '1', 'dir/b': '2', c: '' })
        const before = await readlink(join(volume, '..data'))
        await writeAtomically(volume, payloadOf(files), options)
        const folder = await readlink(join(volume, '..data'))
        assert.notEqual(folder, before)
        assert.deepEqual(await internal(volume), [folder, '..data'].toSorted())
        assert.deepEqual(await visible(volume), files)
      })
    }

    it('get their links back', async (test) => {
      const volume = await written(test, { a: '1', b: '2' })
      const before = await readlink(join(volume, '..data'))
      await unlink(join(volume, 'a'))
      await writeAtomically(volume, payloadOf({ a: '1', b: '2' }), options)
      assert.deepEqual(await visible(volume), { a: '1', b: '2' })
      assert.equal(await readlink(join(volume, '..data')), before)
    })

    it('leave what stands in the way of a link, and what else lies there', async (test) => {
      const volume = await temporaryFolder(test)
      await mkdir(join(volume, 'nested'))
      await writeFile(join(volume, 'other'), 'mine')
      await symlink('elsewhere', join(volume, 'link'))
      await writeAtomically(volume, payloadOf({ 'nested/a': '1', b: '2' }), options)
      await writeAtomically(volume, payloadOf({ b: '3' }), options)
      assert.deepEqual(await readdir(join(volume, 'nested')), [])
      assert.equal(await readFile(join(volume, 'other'), 'utf8'), 'mine')
      assert.equal(await readlink(join(volume, 'link')), 'elsewhere')
    })

    it('can be a thousand', async (test) => {
      const files = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key-${index}`, `${index}`]))
      const volume = await written(test, files)
      assert.deepEqual(await visible(volume), files)
    })

    it('are a user’s, links included, where they say so', async (test) => {
      const volume = await temporaryFolder(test)
      await writeAtomically(volume, new Map([['token', { data: Buffer.from('t'), mode: 0o600, user: 1234 }]]), options)
      assert.equal((await stat(join(volume, 'token'))).uid, 1234)
      assert.equal((await lstat(join(volume, 'token'))).uid, 1234)
    })

    it('are of the group of the Pod’s volumes, which may read them', async (test) => {
      const volume = await temporaryFolder(test)
      const grouped = { ...options, fsGroup: 4321 }
      await mkdir(join(volume, 'nested'), { mode: 0o755 })
      await writeAtomically(volume, payloadOf({ 'dir/a': '1' }, 0o400), grouped)
      await writeAtomically(volume, payloadOf({ 'dir/a': '2', b: '' }, 0o400), grouped)
      for (const name of ['.', '..data/.', 'dir', 'dir/a', 'b', 'nested']) {
        assert.equal((await stat(join(volume, name))).gid, 4321, name)
      }
      for (const name of ['..data', 'dir', 'b']) assert.equal((await lstat(join(volume, name))).gid, 4321, name)
      assert.equal(await modeOf(join(volume, 'dir/a')), '440')
      assert.equal(await modeOf(join(volume, 'dir')), '2755')
      assert.equal(await modeOf(join(volume, 'nested')), '2755')
    })
  })

  describe(`a write that fails, ${where}`, () => {
    it('leaves what was there', async (test) => {
      const volume = await written(test, { a: '1' })
      const before = (await readdir(volume)).toSorted()
      const clash = payloadOf({ a: 'x', 'b/c': '', b: '' })
      await assert.rejects(writeAtomically(volume, clash, options), /EISDIR|EEXIST/u)
      await assert.rejects(writeAtomically(volume, payloadOf({ '../b': '' }), options), { code: 'invalid' })
      const aborted = { ...options, signal: AbortSignal.abort() }
      await assert.rejects(writeAtomically(volume, payloadOf({ a: 'x' }), aborted), { code: 'aborted' })
      assert.deepEqual((await readdir(volume)).toSorted(), before)
      assert.deepEqual(await visible(volume), { a: '1' })
    })

    it('says so where there is no volume', async (test) => {
      const folder = await temporaryFolder(test)
      await assert.rejects(writeAtomically(join(folder, 'none'), payloadOf({}), options), { code: 'ENOENT' })
      await symlink('/tmp', join(folder, 'link'))
      await assert.rejects(writeAtomically(join(folder, 'link'), payloadOf({}), options), { code: /ELOOP|ENOTDIR/u })
    })
  })

  describe(`a write that was cut off, ${where}`, () => {
    const turnTo = async (volume: string, folder: string): Promise<void> => {
      await symlink(folder, join(volume, '..data_tmp'))
      await rename(join(volume, '..data_tmp'), join(volume, '..data'))
    }

    const leftFolder = '..2026_11_28_00_00_00.123'

    for (const [step, leave] of [
      ['while it wrote its files', async () => undefined],
      ['before it turned to them', async (volume) => symlink(leftFolder, join(volume, '..data_tmp'))],
      ['before it made their links', async (volume) => turnTo(volume, leftFolder)],
      [
        'before it removed the old ones',
        async (volume) => {
          await turnTo(volume, leftFolder)
          await symlink('..data/b', join(volume, 'b'))
          await unlink(join(volume, 'a'))
        },
      ],
    ] satisfies readonly (readonly [string, (volume: string) => Promise<unknown>])[]) {
      it(`${step} is made good by the next`, async (test) => {
        const volume = await written(test, { a: '1', c: '3' })
        await mkdir(join(volume, leftFolder, 'dir'), { recursive: true })
        await writeFile(join(volume, leftFolder, 'b'), 'half of i')
        await leave(volume)
        await writeAtomically(volume, payloadOf({ b: '2', c: '3' }), options)
        assert.deepEqual(await internal(volume), [await readlink(join(volume, '..data')), '..data'].toSorted())
        assert.deepEqual(await visible(volume), { b: '2', c: '3' })
      })
    }

    it('may have lost the folder that was the last', async (test) => {
      const volume = await written(test, { a: '1' })
      await rm(join(volume, await readlink(join(volume, '..data'))), { recursive: true })
      await writeAtomically(volume, payloadOf({ a: '1' }), options)
      assert.deepEqual(await visible(volume), { a: '1' })
    })
  })

  describe(`a volume that somebody has tampered with, ${where}`, () => {
    it('is written anew, and nothing outside of it is read, changed or removed', async (test) => {
      const outside = await written(test, { a: 'secret' })
      await chown(join(outside, '..data/a'), 7, 7)
      const before = await readdir(outside)
      const volume = await temporaryFolder(test)
      await symlink(join(outside, '..data'), join(volume, '..data'))
      await symlink(outside, join(volume, '..2026_11_28_00_00_00.5'))
      await assert.rejects(writeAtomically(volume, payloadOf({ a: 'x' }), { ...options, fsGroup: 4321 }))
      await unlink(join(volume, '..2026_11_28_00_00_00.5'))
      await symlink(outside, join(volume, 'out'))
      await writeAtomically(volume, payloadOf({ a: 'x' }), { ...options, fsGroup: 4321 })
      assert.equal(await readFile(join(volume, 'a'), 'utf8'), 'x')
      assert.deepEqual(await readdir(outside), before)
      assert.deepEqual(await visible(outside), { a: 'secret' })
      assert.equal((await stat(join(outside, 'a'))).gid, 7)
    })
  })
}
