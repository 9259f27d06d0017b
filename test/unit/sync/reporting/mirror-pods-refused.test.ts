import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { aStaticPod, mirrorOn, name, shown, started } from './mirrored.ts'

describe('a static Pod that the API server does not take', () => {
  it('runs without its namespace, and is shown when that is there', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('one', { namespace: 'tools' }))
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    assert.deepEqual(node.logged, ['Mirror: namespaces "tools" not found'])
    assert.ok(node.cluster.count('createPod') <= 12, `${node.cluster.count('createPod')} tries`)
    node.server.namespaces.add('tools')
    await node.advance(60_000)
    assert.equal(node.server.pod('tools', name)?.status?.phase, 'Running')
  })

  it('is complained of once, and disturbs no other', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const refusal = new KubeletError('forbidden', 'a mirror pod may not reference secrets')
    for (let count = 0; count < 3; count += 1) node.cluster.failNext('createPod', refusal)
    await node.addStatic(aStaticPod('one'))
    await node.addStatic(aStaticPod('other', { name: 'other-node-1' }))
    await node.advance(10_000)
    assert.deepEqual(node.logged, [`Mirror: ${refusal.message}`, `Mirror: ${refusal.message}`])
    assert.deepEqual(
      node.server.pods.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`),
      ['other-node-1 Running', 'static-node-1 Running'],
    )
  })

  it('does not hold up the others while the server thinks', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    const release = node.clusterGate.hold('createPod')
    await node.addStatic(aStaticPod('other', { name: 'other-node-1' }))
    await node.advance(20_000)
    await node.delete(name, 30)
    assert.deepEqual(node.server.pods, [])
    assert.equal(node.cluster.count('createPod'), 3)
    release()
    await node.settled()
    assert.equal(node.server.pods.length, 2)
  })

  it('waits for its name when another Pod has it', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.server.createPod({ name, nodeName: 'node-2' })
    await node.addStatic(aStaticPod('one'))
    assert.deepEqual(node.logged, [`Mirror: pods "${name}" already exists`])
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    await node.delete(name, 0)
    await node.advance(5000)
    assert.equal(shown(node), 'static-one Running')
  })

  it('is not created a second time when the watch is late with the first', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.manifestsSynced()
    const release = node.clusterGate.hold('watchPods')
    node.server.watches.end('quiet')
    await node.settled()
    await node.addStatic(aStaticPod('one'))
    await node.advance(30_000)
    assert.deepEqual(
      node.logged.filter((line) => line.startsWith('Mirror')),
      [],
    )
    assert.equal(node.server.pods.length, 1)
    release()
    await node.settled()
    await node.advance(1000)
    assert.equal(shown(node), 'static-one Running')
  })

  it('is shown when the Node is there, and again when it is another one', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.server.deleteNode('node-1')
    await started(node).catch(() => undefined)
    await node.advance(2000)
    assert.equal(shown(node), undefined)
    node.server.createNode({ metadata: { name: 'node-1' } })
    await node.advance(10_000)
    assert.equal(shown(node), 'static-one Running')
    node.server.deleteNode('node-1')
    node.server.createNode({ metadata: { name: 'node-1' } })
    await node.delete(name, 0)
    await node.advance(2000)
    assert.equal(mirrorOn(node).metadata.ownerReferences?.[0]?.uid, node.server.node('node-1')?.metadata?.uid)
  })

  it('belongs to no Node that is on its way out', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.server.patchNode('node-1', { metadata: { deletionTimestamp: '2026-11-21T10:00:00Z' } })
    await node.addStatic(aStaticPod('one'))
    await node.advance(2000)
    assert.deepEqual([node.cluster.count('createPod'), node.logged.length], [0, 1])
    node.server.patchNode('node-1', { metadata: { deletionTimestamp: null } })
    await node.advance(5000)
    assert.equal(shown(node), 'static-one Running')
  })
})
