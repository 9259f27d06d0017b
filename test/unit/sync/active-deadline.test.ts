import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configSourceAnnotation } from '../../../src/model/pod.ts'
import { aPod } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

const message = 'Pod was active on the node longer than the specified deadline'

function ending(node: NodeInMemory): readonly (string | undefined)[] {
  const { phase, reason } = node.status('web') ?? {}
  return [phase, reason]
}

describe('activeDeadlineSeconds', () => {
  it('ends a Pod when its time on the node is up: Failed when its containers have gone, with one event', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 5 } })
    await node.advance(4_000)
    node.takeEvents()
    node.takeCalls()
    const release = node.engineGate.hold('stop')
    await node.advance(1_000)
    assert.deepEqual(ending(node), ['Running', undefined])
    assert.equal(node.status('web')?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'PodFailed')
    release()
    await node.settled()
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
    assert.equal(node.status('web')?.message, message)
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
    assert.ok(node.takeCalls().includes('stop main 0 30'), 'with the grace of its spec')
    assert.deepEqual(told(node.takeEvents()), [
      `Normal DeadlineExceeded ${message}`,
      'Normal Killing Stopping container main',
    ])
    const patches = node.cluster.count('patchPodStatus')
    await node.advance(120_000)
    assert.equal(node.cluster.count('patchPodStatus'), patches, 'and nothing more is to be said')
  })

  it('leaves the object until somebody deletes it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 5 } })
    await node.advance(10_000)
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
    await node.delete('web')
    assert.deepEqual(node.containers, [])
    assert.equal(node.server.pod('default', 'web'), undefined)
    assert.deepEqual(await node.folders(), [])
  })

  it('can be given, and shortened, while the Pod runs', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await node.advance(30_000)
    node.server.updatePod('default', 'web', { spec: { activeDeadlineSeconds: 600 } })
    await node.advance(30_000)
    assert.deepEqual(ending(node), ['Running', undefined])
    node.server.updatePod('default', 'web', { spec: { activeDeadlineSeconds: 61 } })
    await node.advance(1_000)
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
  })

  it('can be lengthened before it has passed, and not after', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 10 } })
    await node.advance(9_000)
    node.server.updatePod('default', 'web', { spec: { activeDeadlineSeconds: 20 } })
    await node.advance(10_000)
    assert.deepEqual(ending(node), ['Running', undefined])
    const release = node.engineGate.hold('stop')
    await node.advance(1_000)
    node.server.updatePod('default', 'web', { spec: { activeDeadlineSeconds: 60 } })
    await node.settled()
    release()
    await node.settled()
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
  })

  it('goes on counting while the agent is away', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 60 } })
    node.kill()
    await node.advance(59_000)
    await node.restart()
    assert.deepEqual(ending(node), ['Running', undefined])
    await node.advance(1_000)
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
  })

  it('counts while the Pod waits for its image', async (t) => {
    await using node = await aNode(t, { images: [] })
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 30 } })
    await node.advance(30_000)
    assert.deepEqual(ending(node), ['Failed', 'DeadlineExceeded'])
    assert.deepEqual(node.containers, ['sandbox 0 exited'])
  })

  it('is nothing to a Pod that has ended by itself, even at that moment', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { activeDeadlineSeconds: 5, restartPolicy: 'Never' } })
    await node.exit('main 0', 0)
    await node.advance(60_000)
    assert.deepEqual(ending(node), ['Succeeded', undefined])
  })

  it('ends a static Pod too, for good as long as its manifest stays', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const pod = aPod({
      metadata: { name: 'static', uid: 'static-1', annotations: { [configSourceAnnotation]: 'file' } },
      spec: { activeDeadlineSeconds: 5 },
    })
    await node.addStatic(pod)
    await node.manifestsSynced()
    await node.advance(10_000)
    const { phase, reason } = node.statuses.get('static-1') ?? {}
    assert.deepEqual([phase, reason], ['Failed', 'DeadlineExceeded'])
    assert.deepEqual(ended(node), ['Failed', 'DeadlineExceeded'])
    node.kill()
    await node.restart()
    await node.manifestsSynced()
    await node.advance(60_000)
    assert.deepEqual(ended(node), ['Failed', 'DeadlineExceeded'])
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
    await node.removeStatic(pod)
    assert.deepEqual(node.containers, [])
  })
})

function ended(node: NodeInMemory): readonly (string | undefined)[] {
  const { phase, reason } = node.status('static') ?? {}
  return [phase, reason]
}
