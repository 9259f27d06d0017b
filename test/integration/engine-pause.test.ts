import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ensurePauseImage, makePauseImage } from '../../src/engine/pause-image.ts'
import { docker } from './support/command.ts'
import { dockerHarness } from './support/docker-harness.ts'
import { sandboxRequest } from '../contract/engine/requests.ts'

describe('The pause image', { timeout: 60_000 }, () => {
  it('runs on Docker, and ends well when it is told to stop', async ({ signal }) => {
    await using harness = await dockerHarness()
    const { engine } = harness
    const image = await ensurePauseImage(engine, signal)
    const { name, body } = sandboxRequest(harness, { image: image.id, stopSignal: 'SIGTERM' })
    const { Cmd: _, ...withoutCommand } = body
    const id = await engine.create({ name, body: withoutCommand }, signal)
    await engine.start(id, signal)
    assert.partialDeepStrictEqual(await engine.inspect(id, signal), { state: { phase: 'running' } })
    await engine.stop(id, 60, signal)
    assert.partialDeepStrictEqual(await engine.inspect(id, signal), { state: { phase: 'exited', exitCode: 0 } })
  })

  it('is loaded again when it was removed, as the same image', async ({ signal }) => {
    await using harness = await dockerHarness()
    const first = await ensurePauseImage(harness.engine, signal)
    const { architecture } = await harness.engine.info(signal)
    const { reference } = await makePauseImage(architecture, signal)
    await docker('rmi', '--force', reference)
    assert.equal(await harness.engine.inspectImage(reference, signal), undefined)
    assert.equal((await ensurePauseImage(harness.engine, signal)).id, first.id)
  })
})
