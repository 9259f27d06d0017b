import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMirrorAnnotation } from '../../../../src/model/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { kindsOf } from '../told.ts'

describe('a Pod in the API server', () => {
  it('that shows a static Pod is not run', async (t) => {
    await using node = await aNode(t)
    node.takeCalls()
    await node.run({ name: 'static-node-1', metadata: { annotations: { [configMirrorAnnotation]: 'hash' } } })
    assert.deepEqual(node.takeCalls(), [])
    assert.deepEqual(node.registry.pods(), [])
  })

  for (const phase of ['Succeeded', 'Failed']) {
    it(`that has ${phase.toLowerCase()} is not run, and goes when it is deleted`, async (t) => {
      await using node = await aNode(t)
      node.kill()
      node.server.createPod({ name: 'web', nodeName: node.nodeName })
      node.server.updatePod('default', 'web', { status: { phase } })
      node.takeCalls()
      await node.restart()
      assert.deepEqual(new Set(node.takeCalls()), new Set(['list']))
      assert.equal(node.status('web')?.phase, phase)
      await node.delete('web')
      assert.deepEqual(node.server.pods, [])
      assert.deepEqual(node.registry.pods(), [])
    })
  }

  it('is not taken for a static one because of what its user has written on it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } })
    assert.equal(node.status('web')?.phase, 'Running')
    await node.delete('web')
    assert.deepEqual(node.containers, [])
    assert.equal(node.status('web'), undefined)
  })

  it('that is made to fail from outside is stopped, and its record kept', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeEvents()
    node.server.updatePod('default', 'web', { status: { phase: 'Failed' } })
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
    const sent = node.takeEvents().flatMap((event) => (event.kind === 'status-sent' ? [event.phase] : []))
    assert.deepEqual(new Set(sent), new Set(['Failed']))
  })

  it('is seen once, however often it changes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.server.updatePod('default', 'web', { metadata: { labels: { colour: 'blue' } } })
    await node.delete('web')
    assert.equal(kindsOf(node.takeEvents()).filter((kind) => kind === 'pod-seen').length, 1)
  })
})
