import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Engine } from '../../../src/engine/engine.ts'
import type { OutputPart, OutputStream } from '../../../src/engine/streams/frame-reader.ts'
import type { LogOptions, LogTime } from '../../../src/engine/streams/logs.ts'
import type { ContainerId } from '../../../src/model/ids.ts'
import { ended, rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'
import { commands, containerRequest, noId } from './requests.ts'

export function logging(makeHarness: MakeHarness): void {
  for (const tty of [false, true]) {
    const eol = tty ? '\r\n' : '\n'
    const terminal = `a container with${tty ? '' : 'out'} a terminal`

    it(`gives what ${terminal} has written, or the end of it`, async ({ signal }) => {
      await using harness = await makeHarness()
      const id = await over(harness, commands.complains, tty, signal)
      const read = (options: LogOptions): Promise<string> => text(harness.engine, id, options, signal)
      assert.equal(await read({}), `first${eol}second${eol}`)
      assert.equal(await read({ follow: true }), `first${eol}second${eol}`)
      assert.equal(await read({ tailLines: 1 }), `second${eol}`)
      assert.equal(await read({ tailLines: 9 }), `first${eol}second${eol}`)
      assert.equal(await read({ tailLines: 0 }), '')
    })

    it(`tells the outputs of ${terminal} apart`, async ({ signal }) => {
      await using harness = await makeHarness()
      const streams = new Set<OutputStream>()
      const id = await over(harness, commands.complains, tty, signal)
      for await (const part of await harness.engine.logs(id, {}, signal)) streams.add(part.stream)
      assert.deepEqual([...streams], [tty ? 'stdout' : 'stderr'])
    })

    it(`begins each line of ${terminal} with its time, be it longer than a record`, async ({ signal }) => {
      await using harness = await makeHarness()
      const id = await over(harness, commands.talksLong, tty, signal)
      const log = await text(harness.engine, id, { timestamps: true }, signal)
      const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z `
      assert.match(log, new RegExp(`^${time}a{40000}${eol}${time}end${eol}$`, 'u'))
    })
  }

  it('leaves out what was written before a time, to the nanosecond', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await over(harness, commands.prints, false, signal)
    const timed = lines(await text(harness.engine, id, { timestamps: true }, signal))
    const times = timed.map((line) => line.slice(0, line.indexOf(' ')))
    for (const [index, time] of times.entries()) {
      const since = logTime(time)
      const expected = timed.filter((_, other) => (times[other] ?? '') >= time)
      assert.deepEqual(lines(await text(harness.engine, id, { since, timestamps: true }, signal)), expected)
      const after = { ...since, nanoseconds: since.nanoseconds + 1 }
      const later = timed.filter((_, other) => (times[other] ?? '') > time)
      assert.deepEqual(lines(await text(harness.engine, id, { since: after, timestamps: true }, signal)), later)
      assert.ok(index < 3)
    }
  })

  it('follows a container up to the last that it wrote before its end', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness, { command: commands.announces, stopSignal: 'SIGTERM' })
    const id = await harness.engine.create(request, signal)
    await harness.engine.start(id, signal)
    const follow = (await harness.engine.logs(id, { follow: true }, signal))[Symbol.asyncIterator]()
    assert.equal(await untilText(follow, 'up\n'), 'up\n')
    const rest = untilText(follow, undefined)
    await harness.engine.stop(id, 30, signal)
    assert.equal(await rest, 'bye\n')
  })

  it('shows of a log that is followed from its end only what is new', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness, { command: commands.announces, stopSignal: 'SIGTERM' })
    const id = await harness.engine.create(request, signal)
    await harness.engine.start(id, signal)
    await untilText((await harness.engine.logs(id, { follow: true }, signal))[Symbol.asyncIterator](), 'up\n')
    const follow = await harness.engine.logs(id, { follow: true, tailLines: 0 }, signal)
    const rest = untilText(follow[Symbol.asyncIterator](), undefined)
    await harness.engine.stop(id, 30, signal)
    assert.equal(await rest, 'bye\n')
  })

  it('ends with its signal', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await harness.engine.start(id, signal)
    const leave = new AbortController()
    const follow = await harness.engine.logs(id, { follow: true }, AbortSignal.any([signal, leave.signal]))
    const rest = untilText(follow[Symbol.asyncIterator](), undefined)
    leave.abort()
    await rejects(rest, 'aborted')
  })

  it('has no log of a container that does not exist, or is not of this node', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    assert.equal(await text(harness.engine, id, { follow: true }, signal), '')
    await rejects(harness.engine.logs(noId, {}, signal), 'not-found', new RegExp(`^No such container: ${noId}$`, 'u'))
    await rejects(harness.otherEngine.logs(id, {}, signal), 'not-found')
  })
}

async function over(
  harness: EngineHarness,
  command: readonly string[],
  tty: boolean,
  signal: AbortSignal,
): Promise<ContainerId> {
  const id = await harness.engine.create(containerRequest(harness, { command, tty }), signal)
  await ended(harness.engine, id, signal)
  return id
}

async function text(engine: Engine, id: ContainerId, options: LogOptions, signal: AbortSignal): Promise<string> {
  return untilText((await engine.logs(id, options, signal))[Symbol.asyncIterator](), undefined)
}

/** What comes until it is `end`, or to the end. */
async function untilText(parts: AsyncIterator<OutputPart>, end: string | undefined): Promise<string> {
  let read = ''
  while (read !== end) {
    const { value, done } = await parts.next()
    if (done === true) break
    read += value.payload.toString()
  }
  return read
}

function lines(log: string): readonly string[] {
  return log.split('\n').slice(0, -1)
}

function logTime(rfc3339: string): LogTime {
  const nanoseconds = Number(/\.(\d{9})Z$/u.exec(rfc3339)?.[1])
  return { seconds: Math.floor(Date.parse(rfc3339) / 1000), nanoseconds }
}
