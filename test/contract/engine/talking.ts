import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import type { ContainerSession, SessionStreams } from '../../../src/engine/streams/container-session.ts'
import type { ContainerId } from '../../../src/model/ids.ts'
import { rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'
import { commands, containerRequest, execs, noId } from './requests.ts'

const outputs: SessionStreams = { stdin: false, stdout: true, stderr: true, tty: false }
const all: SessionStreams = { ...outputs, stdin: true }
const terminal: SessionStreams = { stdin: true, stdout: true, stderr: true, tty: true }

export function talking(makeHarness: MakeHarness): void {
  it('keeps stdout and stderr apart, and tells the exit code', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...outputs, command: execs.fails }, signal)
    assert.equal(session.stdin, undefined)
    assert.deepEqual(await Promise.all([read(session.stdout), read(session.stderr), session.ended()]), [
      'to stdout\n',
      'to stderr\n',
      { exitCode: 3 },
    ])
  })

  it('gives only what is asked for, and the exit code in any case', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    for (const [wanted, shown] of [
      [{ stdout: true }, ['to stdout\n', undefined]],
      [{ stderr: true }, [undefined, 'to stderr\n']],
      [{ stdin: true }, [undefined, undefined]],
    ] as const) {
      const streams = { stdin: false, stdout: false, stderr: false, tty: false, ...wanted }
      await using session = await harness.engine.openExec(id, { ...streams, command: execs.fails }, signal)
      assert.deepEqual(await Promise.all([read(session.stdout), read(session.stderr)]), shown)
      assert.deepEqual(await session.ended(), { exitCode: 3 })
    }
  })

  it('passes input on until its end, which the command reads too while its output goes on', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...all, command: execs.copies }, signal)
    session.stdin?.write('first\n')
    assert.equal(await chunkOf(session.stdout), 'first\n')
    session.stdin?.end('last\n')
    assert.deepEqual(await Promise.all([read(session.stdout), session.ended()]), ['last\n', { exitCode: 0 }])
  })

  it('drops the input that a command does not read', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...all, command: execs.fails }, signal)
    session.stdin?.end(Buffer.alloc(4_000_000))
    assert.deepEqual(await Promise.all([read(session.stdout), read(session.stderr)]), ['to stdout\n', 'to stderr\n'])
    assert.deepEqual(await session.ended(), { exitCode: 3 })
  })

  it('has one output in a terminal, of the size that it is told', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...terminal, command: execs.measures }, signal)
    assert.equal(session.stderr, undefined)
    assert.equal(await chunkOf(session.stdout), 'ready\r\n')
    await session.resize({ width: 123, height: 45 })
    session.stdin?.write('\n')
    assert.deepEqual(await Promise.all([read(session.stdout), session.ended()]), ['45 123\r\n', { exitCode: 0 }])
  })

  it("gives the runtime's text and 126 or 127 for a command that does not exist", async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...outputs, command: execs.missing }, signal)
    assert.match(
      (await read(session.stdout)) ?? '',
      /exec: "\/no\/such\/command": stat \/no\/such\/command: no such file/u,
    )
    const { exitCode } = await session.ended()
    assert.ok([126, 127].includes(exitCode ?? 0), `exit code ${exitCode}`)
  })

  it('ends with 137 when the container is killed', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...outputs, command: execs.hangs }, signal)
    assert.equal(await chunkOf(session.stdout), 'still here\n')
    await harness.engine.stop(id, 0, signal)
    assert.deepEqual(await session.ended(), { exitCode: 137 })
  })

  it('throws aborted when the signal fires, before and while it runs', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const controller = new AbortController()
    await using session = await harness.engine.openExec(id, { ...all, command: execs.hangs }, controller.signal)
    const ended = rejects(session.ended(), 'aborted')
    controller.abort()
    await ended
    assert.equal(session.stdout?.destroyed, true)
    await rejects(harness.engine.openExec(id, { ...all, command: execs.hangs }, controller.signal), 'aborted')
  })

  it('is let go of when it is disposed', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const session = await harness.engine.openExec(id, { ...all, command: execs.copies }, signal)
    await session[Symbol.asyncDispose]()
    await rejects(session.ended(), 'aborted')
    await session[Symbol.asyncDispose]()
  })

  it('throws conflict, not-found or invalid where there is nothing to run or to run it in', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine } = harness
    const created = await engine.create(containerRequest(harness), signal)
    await rejects(engine.openExec(created, { ...all, command: execs.copies }, signal), 'conflict', /is not running/u)
    await rejects(engine.openExec(noId, { ...all, command: execs.copies }, signal), 'not-found')
    const id = await running(harness, signal)
    await rejects(engine.openExec(id, { ...all, command: [] }, signal), 'invalid', /No exec command specified/u)
  })
}

export function attaching(makeHarness: MakeHarness): void {
  it("passes input to the container's process, and ends with it", async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await copying(harness, signal)
    await using session = await harness.engine.attach(id, all, signal)
    session.stdin?.write('first\n')
    assert.equal(await chunkOf(session.stdout), 'first\n')
    session.stdin?.end('last\n')
    assert.deepEqual(await Promise.all([read(session.stdout), session.ended()]), ['last\n', { exitCode: undefined }])
    const observed = await harness.engine.inspect(id, signal)
    assert.equal(observed?.state.phase, 'exited')
  })

  it('ends with the container for all who are attached', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const sessions = await Promise.all([1, 2, 3].map(() => harness.engine.attach(id, outputs, signal)))
    await harness.engine.stop(id, 0, signal)
    assert.deepEqual(await Promise.all(sessions.map((session) => read(session.stdout))), ['', '', ''])
  })

  it('leaves the container running when it is let go of', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const session: ContainerSession = await harness.engine.attach(id, outputs, signal)
    await session[Symbol.asyncDispose]()
    await rejects(session.ended(), 'aborted')
    const observed = await harness.engine.inspect(id, signal)
    assert.equal(observed?.state.phase, 'running')
  })

  it('throws conflict for a container that does not run, not-found for none', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await rejects(harness.engine.attach(id, outputs, signal), 'conflict', /is not running/u)
    await rejects(harness.engine.attach(noId, outputs, signal), 'not-found')
  })
}

async function running(harness: EngineHarness, signal: AbortSignal): Promise<ContainerId> {
  const id = await harness.engine.create(containerRequest(harness), signal)
  await harness.engine.start(id, signal)
  return id
}

async function copying(harness: EngineHarness, signal: AbortSignal): Promise<ContainerId> {
  const id = await harness.engine.create(containerRequest(harness, { command: commands.copies, stdin: true }), signal)
  await harness.engine.start(id, signal)
  return id
}

/** All that is left to read; `undefined` where there is no such output. */
async function read(output: Readable | undefined): Promise<string | undefined> {
  return output && text(output)
}

/** The next that comes. */
async function chunkOf(output: Readable | undefined): Promise<string> {
  assert.ok(output)
  for (;;) {
    const chunk: Buffer | null = output.read()
    if (chunk !== null) return chunk.toString()
    await once(output, 'readable')
  }
}
