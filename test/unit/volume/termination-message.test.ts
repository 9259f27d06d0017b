import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { terminationMessage, type LogTail } from '../../../src/volume/termination-message.ts'
import { anObservedContainer, created, exited, running } from '../../builders/observed.ts'
import { temporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()
const noLog: LogTail = () => assert.fail('the log was read')

async function fileIn(test: TestContext): Promise<string> {
  return join(await temporaryFolder(test), 'message')
}

/** A container that failed, with its message in `file`. */
function failed(file: string | undefined, change: Partial<ObservedContainer> = {}): ObservedContainer {
  return anObservedContainer({ state: exited({ exitCode: 1 }), terminationMessageFile: file, ...change })
}

function messageOf(container: ObservedContainer, logTail: LogTail = noLog): Promise<string> {
  return terminationMessage(container, logTail, signal)
}

describe('a termination message in its file', () => {
  it('is the content of the file', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, 'out of cheese\n')
    assert.equal(await messageOf(failed(file)), 'out of cheese\n')
  })

  it('is told of a success too', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, 'done')
    assert.equal(await messageOf(failed(file, { state: exited() })), 'done')
  })

  it('is the last 4096 bytes of a longer file', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, `${'a'.repeat(904)}${'b'.repeat(4096)}`)
    assert.equal(await messageOf(failed(file)), 'b'.repeat(4096))
  })

  it('is read from the end of a huge file at once', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, '')
    await truncate(file, 2 ** 40)
    assert.equal(await messageOf(failed(file)), '\0'.repeat(4096))
  })

  it('survives bytes that are no text', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, Buffer.from([0x61, 0xff, 0x62]))
    assert.equal(await messageOf(failed(file)), 'a\ufffdb')
  })

  for (const [title, state] of [['runs', running] as const, ['was never started', created] as const]) {
    it(`is none while the container ${title}`, async (test) => {
      const file = await fileIn(test)
      await writeFile(file, 'too early')
      assert.equal(await messageOf(failed(file, { state })), '')
    })
  }

  it('is empty where there is no file', async (test) => {
    assert.equal(await messageOf(failed(await fileIn(test))), '')
    assert.equal(await messageOf(failed(undefined)), '')
  })

  it('follows no link', async (test) => {
    const file = await fileIn(test)
    await writeFile(`${file}.secret`, 'the secret of the host')
    await symlink(`${file}.secret`, file)
    assert.match(await messageOf(failed(file)), new RegExp(`^Error on reading termination log ${file}: ELOOP`))
  })

  it('is not waited for where a pipe was put in its place', async (test) => {
    const file = await fileIn(test)
    execFileSync('mkfifo', [file])
    assert.equal(await messageOf(failed(file)), '')
  })

  it('says what is wrong where a folder was put in its place', async (test) => {
    const file = await fileIn(test)
    await mkdir(file)
    assert.match(await messageOf(failed(file)), new RegExp(`^Error on reading termination log ${file}: EISDIR`))
  })
})

describe('a termination message from the log', () => {
  const fallsBack = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const

  it('is the end of the log of a container that failed and wrote no message', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, '')
    const container = failed(file, fallsBack)
    const asked: unknown[] = []
    const message = await messageOf(container, async (...question) => {
      asked.push(question)
      return 'the last words'
    })
    assert.equal(message, 'the last words')
    assert.deepEqual(asked, [[container, 80, signal]])
  })

  it('serves a container whose file is missing', async () => {
    assert.equal(await messageOf(failed(undefined, fallsBack), async () => 'the last words'), 'the last words')
  })

  it('is cut to its last 2048 bytes', async () => {
    const log = `${'a'.repeat(1000)}${'é'.repeat(1024)}`
    assert.equal(await messageOf(failed(undefined, fallsBack), async () => log), 'é'.repeat(1024))
  })

  it('says why the log could not be read', async () => {
    const message = await messageOf(failed(undefined, fallsBack), async () => {
      throw new Error('no such container')
    })
    assert.equal(message, 'Error on reading termination message from logs: no such container')
  })

  it('says so of whatever was thrown', async () => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a library may do that
    const message = await messageOf(failed(undefined, fallsBack), () => Promise.reject('nothing'))
    assert.equal(message, 'Error on reading termination message from logs: nothing')
  })

  it('is not asked for when the file has a message', async (test) => {
    const file = await fileIn(test)
    await writeFile(file, 'written')
    assert.equal(await messageOf(failed(file, fallsBack)), 'written')
  })

  const silent: readonly (readonly [title: string, change: Partial<ObservedContainer>])[] = [
    ['succeeded', { ...fallsBack, state: exited() }],
    ['was never able to run', { ...fallsBack, state: exited({ exitCode: 127, cannotRun: true }) }],
    ['has the policy File', { terminationMessagePolicy: 'File' }],
  ]
  for (const [title, change] of silent) {
    it(`is not asked for when the container ${title}`, async () => {
      assert.equal(await messageOf(failed(undefined, change)), '')
    })
  }
})
