import assert from 'node:assert/strict'
import { it } from 'node:test'
import { labels } from '../../../src/model/labels.ts'
import { ended, rejects } from './expect.ts'
import type { MakeHarness } from './harness.ts'
import { commands, containerRequest, owner, sandboxRequest } from './requests.ts'

export function twoNodes(makeHarness: MakeHarness): void {
  it('lists the objects of its own node, whatever their state', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine, otherEngine } = harness
    const other = { engine: otherEngine, nodeName: harness.otherNodeName, image: harness.image }
    const theirs = await otherEngine.create(sandboxRequest(other), signal)
    const sandbox = await engine.create(sandboxRequest(harness), signal)
    const done = await engine.create(containerRequest(harness, { command: commands.prints }), signal)
    const created = await engine.create(containerRequest(harness), signal)
    await engine.start(sandbox, signal)
    await ended(engine, done, signal)
    const listed = await engine.list(signal)
    assert.deepEqual(
      new Map(listed.map((summary) => [summary.id, summary])),
      new Map([
        [sandbox, { id: sandbox, owner, phase: 'running' }],
        [done, { id: done, owner, phase: 'exited' }],
        [created, { id: created, owner, phase: 'created' }],
      ]),
    )
    assert.deepEqual(await otherEngine.list(signal), [{ id: theirs, owner, phase: 'created' }])
  })

  it("doesn't see an object of the other's, nor one without the labels of a node", async ({ signal }) => {
    await using harness = await makeHarness()
    const other = { engine: harness.otherEngine, nodeName: harness.otherNodeName, image: harness.image }
    const theirs = sandboxRequest(other)
    const unlabelled = containerRequest(harness, { labels: { [labels.podUid]: '' } })
    for (const request of [theirs, unlabelled]) {
      const id = await harness.engine.create(request, signal)
      assert.equal(await harness.engine.inspect(id, signal), undefined)
      assert.equal(await harness.engine.findByName(request.name, signal), undefined)
      await rejects(harness.engine.logTail(id, 1, signal), 'not-found')
      await harness.engine.remove(id, signal)
    }
  })
}
