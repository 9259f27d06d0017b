import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ensurePauseImage, makePauseImage } from '../../src/engine/pause-image.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { inspect, rejects } from '../contract/engine/expect.ts'
import { sandboxRequest } from '../contract/engine/requests.ts'
import { dockerHarness } from './support/docker-harness.ts'

describe('The pause image', { timeout: 120_000 }, () => {
  it('runs on Docker, and ends well when it is told to stop', async ({ signal }) => {
    await using harness = await dockerHarness()
    const { engine } = harness
    const image = await ensurePauseImage(engine, signal)
    const { name, body } = sandboxRequest(harness, { image: image.id, stopSignal: 'SIGTERM' })
    const { Cmd: _, ...withoutCommand } = body
    const id = await engine.create({ name, body: withoutCommand }, signal)
    await engine.start(id, signal)
    const { state } = await inspect(engine, id, signal)
    assert.ok(state.phase === 'running')
    while (!(await isWaiting(state.pid))) await delay(10, undefined, { signal })
    await engine.stop(id, 60, signal)
    assert.partialDeepStrictEqual(await engine.inspect(id, signal), { state: { phase: 'exited', exitCode: 0 } })
  })

  it('is one image however often it is loaded', async ({ signal }) => {
    await using harness = await dockerHarness()
    const { engine } = harness
    const { architecture } = await engine.info(signal)
    const { reference, archive } = await makePauseImage(architecture, signal)
    await engine.loadImage(archive(), signal)
    const first = await engine.inspectImage(reference, signal)
    await engine.loadImage(archive(), signal)
    assert.deepEqual(await engine.inspectImage(reference, signal), first)
    assert.deepEqual(await ensurePauseImage(engine, signal), first)
  })

  it('is refused by Docker when its archive is broken', async ({ signal }) => {
    await using harness = await dockerHarness()
    const { architecture } = await harness.engine.info(signal)
    const { archive } = await makePauseImage(architecture, signal)
    await rejects(harness.engine.loadImage(firstBytes(archive(), 1000), signal), 'internal')
  })

  it('is not loaded when its archive cannot be made', async ({ signal }) => {
    await using harness = await dockerHarness()
    const cause = new KubeletError('internal', 'Cannot make the archive')
    await rejects(harness.engine.loadImage(failing(cause), signal), 'internal', /^Cannot make the archive$/u)
  })
})

/**
 * Only then does it hear: the kernel gives PID 1 no signal before it has blocked them, a moment
 * after Docker has started it.
 */
async function isWaiting(pid: number): Promise<boolean> {
  return /^\d+ \(pause\) S /u.test(await readFile(`/proc/${pid}/stat`, 'utf8'))
}

async function* firstBytes(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(512)
  throw error
}
