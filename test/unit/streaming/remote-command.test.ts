import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { SessionStreams, TerminalSize } from '../../../src/engine/streams/container-session.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { CommandEnd } from '../../../src/streaming/client-streams.ts'
import { runRemoteCommand } from '../../../src/streaming/remote-command.ts'
import { copiesInput, FakeSession, type FakeTalk } from '../../fakes/fake-session.ts'

const all: SessionStreams = { stdin: true, stdout: true, stderr: true, tty: false }

/** A client whose streams are pipes; `end` is what it was told, `before` what it had of stdout by then. */
function client(sizes?: AsyncIterable<TerminalSize>) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const told: { end?: CommandEnd; before?: unknown } = {}
  const finish = async (end: CommandEnd): Promise<void> => {
    told.end = end
    told.before = stdout.writableFinished && stderr.writableFinished
  }
  return { stdin, stdout, stderr, resizes: sizes, finish, told }
}

function run(of: ReturnType<typeof client>, talk: FakeTalk, controller = new AbortController()): Promise<void> {
  const open = async (signal: AbortSignal): Promise<FakeSession> => new FakeSession(all, talk, signal)
  return runRemoteCommand(of, { open, failure: 'error executing command in container' }, controller.signal)
}

describe('runRemoteCommand', () => {
  it('gives the client all output before it tells of the end', async () => {
    const of = client()
    const running = run(of, async ({ stdout, stderr }) => {
      stdout.write('x'.repeat(1_000_000))
      stderr.write('oh')
      return 3
    })
    const [stdout, stderr] = await Promise.all([text(of.stdout), text(of.stderr), running])
    assert.deepEqual([stdout.length, stderr], [1_000_000, 'oh'])
    assert.deepEqual(of.told, { end: { kind: 'exited', exitCode: 3 }, before: true })
  })

  it('passes input on to its end', async () => {
    const of = client()
    const running = run(of, copiesInput)
    of.stdin.end('hello')
    assert.deepEqual(await Promise.all([text(of.stdout), running]), ['hello', undefined])
    assert.deepEqual(of.told.end, { kind: 'exited', exitCode: 0 })
  })

  it('ends the input when the client tears it off, and goes on', async () => {
    const of = client()
    const running = run(of, copiesInput)
    of.stdin.write('hello')
    of.stdout.once('data', () => of.stdin.destroy())
    assert.deepEqual(await Promise.all([text(of.stdout), running]), ['hello', undefined])
    assert.deepEqual(of.told.end, { kind: 'exited', exitCode: 0 })
  })

  it('is not held back by an input that never ends, and reads on what still comes', async () => {
    const of = client()
    of.stdout.resume()
    of.stderr.resume()
    of.stdin.write('unread')
    await run(of, async () => 0)
    for (let turn = 0; turn < 10; turn++) of.stdin.write(Buffer.alloc(100_000))
    await setImmediate()
    assert.equal(of.stdin.readableLength, 0)
  })

  it('goes on without an output that the client closes', async () => {
    const of = client()
    of.stdout.destroy()
    const running = run(of, async ({ stdout, stderr }) => {
      stdout.write(Buffer.alloc(1_000_000))
      stderr.write('still')
      return 0
    })
    assert.deepEqual(await Promise.all([text(of.stderr), running]), ['still', undefined])
    assert.deepEqual(of.told.end, { kind: 'exited', exitCode: 0 })
  })

  it('tells a container that is attached to, and has no exit code, as a success', async () => {
    const of = client()
    of.stdout.resume()
    of.stderr.resume()
    await run(of, async () => undefined)
    assert.deepEqual(of.told.end, { kind: 'exited', exitCode: 0 })
  })

  it('sets the sizes that the client says', async () => {
    const { promise: said, resolve } = Promise.withResolvers<void>()
    const of = client(
      (async function* () {
        yield { width: 80, height: 24 }
        yield { width: 81, height: 25 }
        resolve()
      })(),
    )
    of.stderr.resume()
    const running = run(of, async ({ stdout, size }) => {
      await said
      stdout.write(JSON.stringify(size()))
      return 0
    })
    assert.deepEqual(await Promise.all([text(of.stdout), running]), ['{"width":81,"height":25}', undefined])
  })

  it('tells what failed, and why, when there is no session or it breaks', async () => {
    const of = client()
    const open = (): Promise<never> => Promise.reject(new KubeletError('conflict', 'container not running (abc)'))
    const failure = 'error attaching to container'
    await runRemoteCommand(of, { open, failure }, new AbortController().signal)
    assert.deepEqual(of.told.end, { kind: 'failed', message: `${failure}: container not running (abc)` })
  })

  it('ends when the client goes, whatever it has not read', async () => {
    const of = client()
    const controller = new AbortController()
    const running = run(of, ({ stdout }) => new Promise(() => stdout.write(Buffer.alloc(1_000_000))), controller)
    await setImmediate()
    for (const stream of [of.stdin, of.stdout, of.stderr]) stream.destroy()
    controller.abort()
    await running
    assert.equal(of.told.end?.kind, 'failed')
  })
})
