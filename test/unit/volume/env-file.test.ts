import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { KubeletError } from '../../../src/model/errors.ts'
import { readEnvFile } from '../../../src/volume/env-file.ts'

let root: string
let volume: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'minikubelet-env-file-'))
  volume = join(root, 'volume')
  await mkdir(join(volume, 'deep/er'), { recursive: true })
  await writeFile(join(root, 'secret.env'), "KEY='outside'\n")
  await writeFile(join(volume, 'a.env'), "OTHER='x'\r\nKEY='in\r\nside'\n")
  await writeFile(join(volume, 'deep/last.env'), "KEY='last'")
})
after(() => rm(root, { recursive: true, force: true }))

async function valueOf(path: string, key = 'KEY'): Promise<string> {
  return (await readEnvFile(volume, path, key)).value
}

/** Why it could not be read: what is in the log. */
async function faultOf(path: string): Promise<string> {
  try {
    return `it says ${await valueOf(path)}`
  } catch (error) {
    assert.ok(KubeletError.is(error, 'invalid'))
    assert.equal(error.message, "couldn't parse env file")
    return error.cause instanceof Error ? error.cause.message : ''
  }
}

async function link(target: string, path: string): Promise<string> {
  await symlink(target, join(volume, path))
  return path
}

describe('a file of variables in a volume', () => {
  it('is read up to its last line, whatever ends its lines', async () => {
    assert.equal(await valueOf('a.env'), 'in\nside')
    assert.equal(await valueOf('./deep//last.env'), 'last')
    assert.deepEqual(await readEnvFile(volume, 'a.env', 'NONE'), { file: join(volume, 'a.env'), value: '' })
  })

  it('is found through links in the volume, to other places in it', async () => {
    await link('../deep/er/..', 'deep/loop-free')
    assert.equal(await valueOf('deep/loop-free/last.env'), 'last')
    assert.equal(await valueOf(await link('/deep/last.env', 'deep/absolute')), 'last')
  })

  it('is none outside the volume, whatever the links and the path say', async () => {
    for (const [target, path] of [
      ['../secret.env', 'up'],
      ['../../../../../../secret.env', 'far-up'],
      [join(root, 'secret.env'), 'out'],
    ] as const) {
      assert.match(await faultOf(await link(target, path)), /ENOENT/u)
    }
    assert.match(await faultOf('../secret.env'), /ENOENT/u)
    assert.match(await faultOf('deep/../../secret.env'), /ENOENT/u)
  })

  it('is none where links go round in circles', async () => {
    await link('round', 'and')
    await assert.rejects(readEnvFile(volume, await link('and', 'round'), 'KEY'), { message: 'too many links in round' })
  })

  it('is no folder, no pipe that nobody writes to, and nothing without an end', async () => {
    assert.match(await faultOf('deep'), /is no file/u)
    await promisify(execFile)('mkfifo', [join(volume, 'pipe')])
    assert.match(await faultOf('pipe'), /is no file/u)
    await writeFile(join(volume, 'wide.env'), `KEY='${'x'.repeat(70_000)}'`)
    assert.match(await faultOf('wide.env'), /a line is too long/u)
    await writeFile(join(volume, 'long.env'), "A='1'\n".repeat(1000))
    assert.equal(await valueOf('long.env'), '')
    await truncate(join(volume, 'long.env'), 2 ** 40)
    assert.match(await faultOf('long.env'), /too long/u)
  })

  it('says in the log what is wrong with it', async () => {
    await writeFile(join(volume, 'bad.env'), "A='1'\nB=2\n")
    assert.match(await faultOf('bad.env'), /at line 2: value must be enclosed in single quotes$/u)
  })
})
