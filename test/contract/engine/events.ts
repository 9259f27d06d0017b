import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { EngineEvent } from '../../../src/engine/engine.ts'
import { next } from './expect.ts'
import type { MakeHarness } from './harness.ts'
import { containerRequest, owner } from './requests.ts'

export function events(makeHarness: MakeHarness): void {
  it("says connected first, then what happens to this node's objects, in order", async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine } = harness
    const stream = engine.events(signal)[Symbol.asyncIterator]()
    assert.deepEqual(await next(stream), { kind: 'connected' })
    const other = { engine: harness.otherEngine, nodeName: harness.otherNodeName, image: harness.image }
    const theirs = await harness.otherEngine.create(containerRequest(other), signal)
    await harness.otherEngine.remove(theirs, signal)
    const id = await engine.create(containerRequest(harness), signal)
    await engine.start(id, signal)
    await engine.stop(id, 30, signal)
    await engine.remove(id, signal)
    const told: EngineEvent[] = []
    while (told.length < 4) {
      const event = await next(stream)
      if (event.kind === 'container') told.push({ ...event, atMs: 0 })
    }
    const actions = ['create', 'start', 'die', 'destroy'] as const
    assert.deepEqual(
      told,
      actions.map((action) => ({ kind: 'container', action, id, podUid: owner.podUid, atMs: 0 })),
    )
    await stream.return?.()
  })

  it('ends when the signal fires, while it waits as well as before', async () => {
    await using harness = await makeHarness()
    const controller = new AbortController()
    const stream = harness.engine.events(controller.signal)[Symbol.asyncIterator]()
    await stream.next()
    const waiting = nextContainerEvent(stream)
    controller.abort()
    assert.equal(await waiting, undefined)
    assert.deepEqual(await harness.engine.events(controller.signal)[Symbol.asyncIterator]().next(), {
      value: undefined,
      done: true,
    })
  })
}

/** The next event about a container; `undefined` when the stream ends. Images belong to everybody, and come and go. */
async function nextContainerEvent(stream: AsyncIterator<EngineEvent>): Promise<EngineEvent | undefined> {
  for (;;) {
    const { value, done } = await stream.next()
    if (done === true) return undefined
    if (value.kind === 'container') return value
  }
}
