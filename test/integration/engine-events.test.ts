import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { EngineEvent } from '../../src/engine/engine.ts'
import { next } from '../contract/engine/expect.ts'
import { containerRequest } from '../contract/engine/requests.ts'
import { docker } from '../support/command.ts'
import { dockerHarness } from './support/docker-harness.ts'
import { proxiedDocker } from './support/proxied-docker.ts'

describe("Docker's events", { timeout: 120_000 }, () => {
  it('come again after the connection broke, with connected before them and none repeated', async ({ signal }) => {
    await using direct = await dockerHarness()
    await using proxied = await proxiedDocker()
    const { engine } = proxied.harness
    const node = proxied.harness
    const stream = engine.events(signal)[Symbol.asyncIterator]()
    assert.deepEqual(await next(stream), { kind: 'connected' })
    const first = await engine.create(containerRequest(node), signal)
    assert.partialDeepStrictEqual(await nextOfNode(stream), { action: 'create', id: first })

    const reconnected = next(stream)
    proxied.proxy.cut()
    // Behind the back of the broken connection, by another way to the same Docker.
    const missed = await direct.engine.create(containerRequest(node), signal)
    proxied.proxy.restore()
    assert.deepEqual(await reconnected, { kind: 'connected' })

    const second = await engine.create(containerRequest(node), signal)
    assert.partialDeepStrictEqual(await nextOfNode(stream), { action: 'create', id: second })
    const listed = await engine.list(signal)
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set([first, missed, second]))
    await stream.return?.()
  })

  it('tell of images, so that what is remembered of them stays true', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const { engine, image } = harness
    const tag = `minikubelet-test:${randomUUID()}`
    const stream = engine.events(signal)[Symbol.asyncIterator]()
    await next(stream)
    const before = await engine.inspectImage(image, signal)
    const asked = proxy.requests.length
    assert.deepEqual(await engine.inspectImage(image, signal), before)
    assert.equal(proxy.requests.length, asked, 'Docker was asked for what is known')

    await docker('tag', image, tag)
    await untilImageEvent(stream)
    assert.ok((await engine.inspectImage(image, signal))?.tags.includes(tag))
    await docker('rmi', tag)
    await untilImageEvent(stream)
    assert.equal(await engine.inspectImage(tag, signal), undefined)
    await stream.return?.()
  })

  it('are not needed: without them, nothing is remembered of images', async ({ signal }) => {
    await using harness = await dockerHarness()
    const tag = `minikubelet-test:${randomUUID()}`
    await harness.engine.inspectImage(harness.image, signal)
    await docker('tag', harness.image, tag)
    assert.ok((await harness.engine.inspectImage(harness.image, signal))?.tags.includes(tag))
    await docker('rmi', tag)
  })
})

/** The next event about this node: images belong to everybody, and come and go. */
async function nextOfNode(stream: AsyncIterator<EngineEvent>): Promise<EngineEvent> {
  const event = await next(stream)
  return event.kind === 'image' ? nextOfNode(stream) : event
}

async function untilImageEvent(stream: AsyncIterator<EngineEvent>): Promise<void> {
  const event = await next(stream)
  if (event.kind !== 'image') await untilImageEvent(stream)
}
