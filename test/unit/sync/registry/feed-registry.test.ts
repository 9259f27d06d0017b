import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { statusOf } from '../main-container.ts'
import { told } from '../told.ts'

describe('what the API server says of Pods', () => {
  it('reaches Pods that changed while the watch was broken', { timeout: 120_000 }, async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'] })
    await node.run({ name: 'web' })
    await node.run({ name: 'old' })
    const release = node.clusterGate.hold('watchPods')
    node.server.watches.end('quiet')
    await node.settled()
    node.server.updatePod('default', 'web', { spec: { containers: [aContainer({ image: 'busybox:1.37' })] } })
    node.server.deletePodGracefully('default', 'old', 0)
    node.server.createPod({ name: 'new', nodeName: node.nodeName })
    node.server.compact()
    await node.settled()
    release()
    // The source's own waits are not the clock's that stands still here.
    await node.server.until(() => node.status('new')?.phase === 'Running' && statusOf(node).image === 'busybox:1.37')
    await node.settled()
    assert.deepEqual(
      node.server.pods.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`),
      ['web Running', 'new Running'],
    )
    assert.equal(node.containers.filter((container) => container.endsWith('running')).length, 4)
  })

  it('ends nothing that runs of a Pod that cannot be read, whoever has started it', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web' })
    node.server.unreadable.add(metadata.uid)
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    node.server.deletePodGracefully('default', 'web', 0)
    await node.settled()
    await node.advance(120_000)
    assert.deepEqual(node.containers, [])
  })

  it('brings a status back that somebody has written over', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.server.updatePod('default', 'web', { status: { phase: 'Pending' } })
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('ends a Pod whose object is gone, without a word about it to the API server', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const sent = node.cluster.calls.length
    node.server.deletePodGracefully('default', 'web', 0)
    await node.settled()
    assert.deepEqual(node.containers, [])
    const asked = node.cluster.calls.slice(sent).map(({ method }) => method)
    assert.deepEqual(
      asked.filter((method) => method.endsWith('PodStatus') || method === 'deletePod'),
      [],
    )
  })

  it('is not waited for by what runs', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.clusterGate.hold('watchPods')
    node.clusterGate.hold('patchPodStatus')
    await node.exit('main 0', 1)
    assert.ok(node.containers.includes('main 1 running'))
  })
})

describe('what is wrong with a manifest', () => {
  it('is logged, and nothing else comes of it', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.tellManifest({ kind: 'invalid', file: '/bad.yaml', message: 'line 3: no colon' })
    await node.tellManifest({ kind: 'warning', file: '/odd.yaml', message: 'spec.colour means nothing' })
    assert.deepEqual(node.logged, ['A manifest is not used', 'A manifest says something that means nothing'])
    assert.deepEqual(node.registry.pods(), [])
  })

  it('is told in an event where it is about a Pod', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const message = 'Error validating pod web_default(uid) from file due to duplicate pod name "web", ignoring'
    await node.tellManifest({ kind: 'invalid', file: '/two.yaml', message, pod: aPod() })
    const events = node.takeEvents()
    assert.deepEqual(told(events), [`Warning FailedValidation ${message}`])
    assert.deepEqual(
      events.map(({ pod }) => pod),
      [{ namespace: 'default', name: 'web', uid: aPodUid }],
    )
  })
})
