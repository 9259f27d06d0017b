import assert from 'node:assert/strict'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { it } from 'node:test'
import type { ContainerId } from '../../../src/model/ids.ts'
import { rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'
import { commands, echoPort, execs, noId, sandboxRequest } from './requests.ts'

const nobodysPort = 9

export function dialling(makeHarness: MakeHarness): void {
  it('carries data both ways, and the end of either while the other goes on', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const connection = await harness.engine.dial(id, echoPort, signal)
    connection.write('first')
    assert.deepEqual(await once(connection, 'data'), [Buffer.from('first')])
    connection.end('last')
    assert.equal(await text(connection), 'last')
  })

  it('loses nothing of what is large, with nobody in a hurry', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const connection = await harness.engine.dial(id, echoPort, signal)
    const data = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251))
    connection.end(data)
    assert.ok(data.equals(await buffer(connection)))
  })

  it('has any number of connections to one port, each for itself', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const talk = async (word: string): Promise<string> => {
      const connection = await harness.engine.dial(id, echoPort, signal)
      connection.end(word)
      return text(connection)
    }
    const words = Array.from({ length: 8 }, (_, index) => `word ${index}`)
    assert.deepEqual(await Promise.all(words.map(talk)), words)
  })

  it('throws unavailable at once when nothing listens, naming both addresses', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const message = /^failed to connect to localhost:9 inside namespace ".*", IPv4: .*refused, IPv6: .*\[::1\]/u
    await rejects(harness.engine.dial(id, nobodysPort, signal), 'unavailable', message)
  })

  it('throws conflict where the sandbox does not run, not-found where it is gone or not ours', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine, otherEngine } = harness
    const id = await engine.create(sandboxRequest(harness, { command: commands.echoes }), signal)
    await rejects(engine.dial(id, echoPort, signal), 'conflict', /container not running/u)
    await rejects(otherEngine.dial(id, echoPort, signal), 'not-found')
    await rejects(engine.dial(noId, echoPort, signal), 'not-found')
  })

  it('ends the connection when the signal fires', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const ends = new AbortController()
    const connection = await harness.engine.dial(id, echoPort, ends.signal)
    ends.abort()
    if (!connection.closed) await once(connection, 'close')
    await rejects(harness.engine.dial(id, echoPort, ends.signal), 'aborted')
  })

  it('ends the connection with the sandbox', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await listening(harness, signal)
    const connection = await harness.engine.dial(id, echoPort, signal)
    connection.resume()
    const closed = once(connection, 'close').catch(() => {})
    await harness.engine.stop(id, 0, signal)
    await closed
    assert.ok(connection.destroyed)
  })
}

/** A sandbox in which somebody listens already. */
async function listening(harness: EngineHarness, signal: AbortSignal): Promise<ContainerId> {
  const { engine } = harness
  const id = await engine.create(sandboxRequest(harness, { command: commands.echoes }), signal)
  await engine.start(id, signal)
  assert.partialDeepStrictEqual(await engine.exec(id, execs.hears, {}, signal), { exitCode: 0 })
  return id
}
