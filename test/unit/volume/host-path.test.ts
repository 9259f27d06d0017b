import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { prepareHostPath } from '../../../src/volume/host-path.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

const { signal } = new AbortController()

/** What a path can be, each made for real. */
const things = {
  nothing: async () => undefined,
  file: async (path) => writeFile(path, 'text'),
  folder: async (path) => mkdir(path),
  socket: async (path, test) => {
    const server = createServer().listen(path)
    await once(server, 'listening')
    test.after(() => server.close())
  },
  pipe: async (path) => void execFileSync('mkfifo', [path]),
  'link to a file': async (path) => {
    await writeFile(`${path}.target`, 'text')
    await symlink(`${path}.target`, path)
  },
  'link to a folder': async (path) => {
    await mkdir(`${path}.target`)
    await symlink(`${path}.target`, path)
  },
  'dangling link': async (path) => symlink(`${path}.absent`, path),
  'character device': async (path) => symlink('/dev/null', path),
  'block device': async (path) => makeBlockDevice(path),
} satisfies Readonly<Record<string, (path: string, test: TestContext) => Promise<unknown>>>

/** Machines have one in /dev; containers have none there, but a root that may make one. */
async function makeBlockDevice(path: string): Promise<void> {
  const device = (await readdir('/dev', { withFileTypes: true })).find((entry) => entry.isBlockDevice())
  if (device === undefined) execFileSync('mknod', [path, 'b', '7', '0'])
  else await symlink(join('/dev', device.name), path)
}

type Thing = keyof typeof things

/** For each type the things that it accepts, and what the kubelet says of the others. */
const types: Readonly<Record<string, { readonly accepts: readonly Thing[]; readonly otherwise: string }>> = {
  '': { accepts: Object.keys(things).filter((name): name is Thing => name in things), otherwise: '' },
  DirectoryOrCreate: { accepts: ['nothing', 'folder', 'link to a folder'], otherwise: 'a directory' },
  Directory: { accepts: ['folder', 'link to a folder'], otherwise: 'a directory' },
  FileOrCreate: { accepts: ['nothing', 'file', 'link to a file'], otherwise: 'a file' },
  File: { accepts: ['file', 'link to a file'], otherwise: 'a file' },
  Socket: { accepts: ['socket'], otherwise: 'a socket file' },
  CharDevice: { accepts: ['character device'], otherwise: 'a character device' },
  BlockDevice: { accepts: ['block device'], otherwise: 'a block device' },
}

for (const [type, { accepts, otherwise }] of Object.entries(types)) {
  describe(`a hostPath of type "${type}"`, () => {
    for (const [thing, make] of Object.entries(things)) {
      const accepted = accepts.some((name) => name === thing)
      it(`${accepted ? 'accepts' : 'refuses'} ${thing}`, async (test) => {
        const path = join(await temporaryFolder(test), 'it')
        await make(path, test)
        if (accepted) return prepareHostPath(path, type, signal)
        await assert.rejects(prepareHostPath(path, type, signal), {
          code: 'invalid',
          message: `hostPath type check failed: ${path} is not ${otherwise}`,
        })
      })
    }
  })
}

describe('a hostPath that is to be made', () => {
  for (const type of ['', 'DirectoryOrCreate']) {
    it(`is a folder with those above it for type "${type}"`, async (test) => {
      withUmask(test, 0o022)
      const path = join(await temporaryFolder(test), 'a/b/c')
      await prepareHostPath(path, type, signal)
      assert.equal((await stat(path)).mode, 0o40755)
    })
  }

  it('is an empty file for type FileOrCreate', async (test) => {
    withUmask(test, 0o022)
    const path = join(await temporaryFolder(test), 'it')
    await prepareHostPath(path, 'FileOrCreate', signal)
    assert.equal((await stat(path)).mode, 0o100644)
    assert.equal(await readFile(path, 'utf8'), '')
  })

  it('is made once: what is there keeps its content', async (test) => {
    const path = join(await temporaryFolder(test), 'it')
    await writeFile(path, 'text')
    await prepareHostPath(path, 'FileOrCreate', signal)
    assert.equal(await readFile(path, 'utf8'), 'text')
  })

  it('is no file in a folder that is not there', async (test) => {
    const path = join(await temporaryFolder(test), 'absent/it')
    await assert.rejects(prepareHostPath(path, 'FileOrCreate', signal), { code: 'ENOENT' })
  })

  it('is nothing behind a dangling link', async (test) => {
    const path = join(await temporaryFolder(test), 'it')
    await symlink(`${path}.absent`, path)
    await prepareHostPath(path, '', signal)
    await assert.rejects(prepareHostPath(path, 'DirectoryOrCreate', signal), { code: 'invalid' })
    await assert.rejects(prepareHostPath(path, 'FileOrCreate', signal), { code: 'invalid' })
    await assert.rejects(lstat(`${path}.absent`), { code: 'ENOENT' })
  })
})

describe('the path of a hostPath', () => {
  for (const path of ['/data/../etc', '..', '/..', 'a/..']) {
    it(`is refused with two dots in it: ${path}`, async () => {
      await assert.rejects(prepareHostPath(path, '', signal), {
        code: 'invalid',
        message: `invalid HostPath \`${path}\`: must not contain '..'`,
      })
    })
  }

  it('may have names that only look like two dots', async (test) => {
    const path = join(await temporaryFolder(test), '..a', 'b..', '...')
    await prepareHostPath(path, '', signal)
    assert.equal((await stat(path)).isDirectory(), true)
  })
})

it('a type that does not exist is refused', async () => {
  await assert.rejects(prepareHostPath('/tmp', 'Pipe', signal), {
    code: 'invalid',
    message: 'Pipe is an invalid volume type',
  })
})
