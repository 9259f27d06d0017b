import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { chmod, mkdir, mkdtemp, readlink, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { descriptorPath, joinBelow, makeBelow, openBelow, openRoot, realBelow } from '../../../src/volume/open-below.ts'

let outside: string
let volume: string
before(async () => {
  outside = await realpath(await mkdtemp(join(tmpdir(), 'minikubelet-open-below-')))
  volume = join(outside, 'volume')
  await mkdir(join(volume, 'deep/er'), { recursive: true })
  await writeFile(join(outside, 'secret'), '')
  await writeFile(join(volume, 'deep/file'), '')
  const links = { 'deep/down': 'er', 'deep/up': '..', out: outside, 'deep/out': '../../secret', dangling: 'absent' }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(volume, path))
  await symlink(join(volume, 'deep'), join(volume, 'in'))
  await symlink('round', join(volume, 'round'))
  await promisify(execFile)('mkfifo', [join(volume, 'pipe')])
})
after(() => rm(outside, { recursive: true, force: true }))

async function opened(path: string, flags?: number): Promise<string> {
  await using root = await openRoot(volume)
  await using handle = await openBelow(root, path, flags)
  return await readlink(descriptorPath(handle))
}

describe('openBelow', () => {
  it('opens folders, files and pipes below the root, and the root itself', async () => {
    for (const path of ['deep/er', 'deep/file', 'pipe']) assert.equal(await opened(path), join(volume, path))
    assert.equal(await opened('./deep//er/'), join(volume, 'deep/er'))
    assert.equal(await opened(''), volume)
    assert.equal(await opened('deep/file', constants.O_RDONLY), join(volume, 'deep/file'))
  })

  it('opens names that are odd, and the longest that there are', async () => {
    for (const name of ['a b\n\t$(x)`"\'\\', '…', '-rf', '...', 'x'.repeat(255)]) {
      await mkdir(join(volume, name))
      assert.equal(await opened(name), join(volume, name))
    }
  })

  it('is a conflict where a link is in the way or at the end, wherever it leads', async () => {
    for (const path of ['deep/down', 'deep/up/deep', 'out', 'out/secret', 'dangling', 'deep/file/x']) {
      await assert.rejects(opened(path), { code: 'conflict' }, path)
    }
    await assert.rejects(opened('deep/out', constants.O_RDONLY), { code: 'conflict' })
  })

  it('goes nowhere for a path that goes up', async () => {
    await assert.rejects(opened('deep/../..'), { code: 'invalid' })
  })

  it('says of what is missing that it is', async () => {
    await assert.rejects(opened('deep/absent'), { code: 'ENOENT' })
    await assert.rejects(opened('absent/deep'), { code: 'ENOENT' })
  })

  it('stays with the volume that was opened when another takes its place', async () => {
    const moved = join(outside, 'moved')
    await mkdir(join(moved, 'inner'), { recursive: true })
    await using root = await openRoot(moved)
    await rename(moved, `${moved}-away`)
    await symlink('/', moved)
    await using handle = await openBelow(root, 'inner')
    assert.equal(await readlink(descriptorPath(handle)), join(outside, 'moved-away/inner'))
  })

  it('leaves no descriptor open but the one that it gives', async () => {
    const count = async (): Promise<string> =>
      (await promisify(execFile)('ls', ['-l', `/proc/${process.pid}/fd`])).stdout
        .split('\n')
        .filter((line) => line.includes(outside))
        .join('\n')
    for (const path of ['deep/er', 'deep/down', 'deep/absent', 'deep/down/x']) await opened(path).catch(() => undefined)
    assert.equal(await count(), '')
  })
})

describe('realBelow', () => {
  async function real(path: string): Promise<string> {
    await using root = await openRoot(volume)
    return await realBelow(root, path)
  }

  it('follows links as they are on the host, as long as they stay in the volume', async () => {
    assert.equal(await real('deep/down'), 'deep/er')
    assert.equal(await real('deep/up/deep/file'), 'deep/file')
    assert.equal(await real('in/file'), 'deep/file')
    assert.equal(await real('.'), '')
  })

  it('refuses what is not in the volume, and what begins with its name', async () => {
    await mkdir(`${volume}-twin`)
    await symlink(`${volume}-twin`, join(volume, 'twin'))
    for (const path of ['out', 'deep/out', 'out/secret', 'twin']) await assert.rejects(real(path), { code: 'invalid' })
    await assert.rejects(real('round'), { code: 'ELOOP' })
    await assert.rejects(real('dangling'), { code: 'ENOENT' })
  })

  it('finds everything in the volume that is the host’s root', async () => {
    await using root = await openRoot('/')
    assert.equal(await realBelow(root, outside), outside.slice(1))
  })
})

describe('joinBelow', () => {
  it('follows links as if the volume were all that there is', async () => {
    await using root = await openRoot(volume)
    assert.equal(await joinBelow(root, 'deep/up/deep/down'), 'deep/er')
    assert.equal(await joinBelow(root, 'deep/out'), 'secret')
    assert.equal(await joinBelow(root, '../../x'), 'x')
    await assert.rejects(joinBelow(root, 'round'), { message: 'too many links in round' })
  })
})

describe('makeBelow', () => {
  async function make(path: string, mode = 0o777): Promise<void> {
    await using root = await openRoot(volume)
    await makeBelow(root, path, mode)
  }

  async function modeOf(path: string): Promise<string> {
    return ((await stat(join(volume, path))).mode & 0o7777).toString(8)
  }

  it('makes what is missing with the whole mode, whatever the umask', async () => {
    await make('new/a/b', 0o3777)
    for (const path of ['new', 'new/a', 'new/a/b']) assert.equal(await modeOf(path), '3777')
  })

  it('leaves what is there as it is', async () => {
    await chmod(join(volume, 'deep/er'), 0o700)
    await make('deep/er', 0o777)
    await make('deep/er/new', 0o755)
    assert.equal(await modeOf('deep/er'), '700')
    assert.equal(await modeOf('deep/er/new'), '755')
  })

  it('follows links inside the volume', async () => {
    await make('deep/down/by-link/x')
    assert.equal(await modeOf('deep/er/by-link/x'), '777')
  })

  it('makes nothing outside the volume, on a file, or in place of a dangling link', async () => {
    await assert.rejects(make('out/new'), { code: 'invalid' })
    await assert.rejects(make('deep/file/new'), { code: 'ENOTDIR' })
    await assert.rejects(make('dangling'), { code: 'ENOTDIR' })
    await assert.rejects(make('../new'), { code: 'invalid' })
    await assert.rejects(stat(join(outside, 'new')), { code: 'ENOENT' })
  })

  it('is content with what somebody else makes at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => make('side/by/side')))
    assert.equal(await modeOf('side/by/side'), '777')
  })
})
