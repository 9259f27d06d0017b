import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../src/model/pod.ts'
import { mirrorPod } from '../../../src/plan/mirror-pod.ts'
import { aContainer, aPod } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

const name = 'static-node-1'

/** A Pod from a file; another `version` is another manifest of the same name. */
function aStaticPod(version: string, change: Partial<Pod['metadata']> = {}): Pod {
  const annotations = { [configSourceAnnotation]: 'file' }
  return aPod({
    metadata: { name, uid: `static-${version}`, annotations, ...change },
    spec: { containers: [aContainer({ name: version })] },
  })
}

/** A static Pod runs, and is shown. Returns its mirror. */
async function started(node: NodeInMemory): Promise<Pod> {
  await node.manifestsSynced()
  await node.addStatic(aStaticPod('one'))
  return mirrorOn(node)
}

function mirrorOn(node: NodeInMemory): Pod {
  return node.server.requirePod('default', name)
}

/** The mirror's version and phase; `undefined` when there is none. */
function shown(node: NodeInMemory): string | undefined {
  const pod = node.server.pod('default', name)
  return pod && `${pod.metadata.annotations?.['kubernetes.io/config.mirror']} ${pod.status?.phase}`
}

describe('a static Pod in the API server', () => {
  it('is shown with its status under a UID of its own, by one request', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const { metadata, status } = await started(node)
    assert.equal(shown(node), 'static-one Running')
    assert.notEqual(metadata.uid, 'static-one')
    assert.equal(metadata.ownerReferences?.[0]?.uid, node.server.node('node-1')?.metadata?.uid)
    assert.deepEqual(
      status?.containerStatuses?.map((each) => [each.name, each.ready]),
      [['one', true]],
    )
    assert.deepEqual([node.cluster.count('createPod'), node.cluster.count('getPod')], [1, 0])
  })

  it('is shown as it was by the next agent, without a request', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const before = await started(node)
    await node.restart()
    await node.manifestsSynced()
    assert.deepEqual(mirrorOn(node), before)
    const methods = ['createPod', 'deletePod', 'patchPodStatus', 'getNode'] as const
    assert.deepEqual(
      methods.map((method) => node.cluster.count(method)),
      [0, 0, 0, 0],
    )
  })

  it('shows what becomes of it later', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    await node.exit('one 0', 3)
    assert.equal(mirrorOn(node).status?.containerStatuses?.[0]?.restartCount, 1)
  })

  it('is put right when somebody writes over its status', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    node.server.updatePod('default', name, { status: { phase: 'Pending' } })
    await node.settled()
    assert.equal(shown(node), 'static-one Running')
  })

  for (const grace of [30, 0]) {
    it(`is shown anew when its mirror is deleted with grace ${grace}, and runs on`, async (t) => {
      await using node = await aNode(t, { hasManifests: true })
      const before = await started(node)
      node.takeCalls()
      await node.delete(name, grace)
      assert.equal(shown(node), 'static-one Running')
      assert.notEqual(mirrorOn(node).metadata.uid, before.metadata.uid)
      assert.deepEqual(node.takeCalls(), [])
      assert.equal(node.cluster.count('deletePod'), grace === 0 ? 0 : 1)
    })
  }

  it('is shown anew only when what holds the deleted mirror lets it go', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    node.server.updatePod('default', name, { metadata: { finalizers: ['example.org/hold'] } })
    await node.delete(name)
    await node.advance(25_000)
    assert.equal(node.cluster.count('deletePod'), 1)
    const held = mirrorOn(node)
    assert.notEqual(held.metadata.deletionTimestamp, undefined)
    node.server.updatePod('default', name, { metadata: { finalizers: null } })
    await node.settled()
    assert.notEqual(mirrorOn(node).metadata.uid, held.metadata.uid)
    assert.equal(shown(node), 'static-one Running')
  })

  it('is shown until it has ended when its manifest goes', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    const release = node.engineGate.hold('stop')
    await node.removeStatic(aStaticPod('one'))
    await node.advance(5000)
    assert.equal(shown(node), 'static-one Running')
    release()
    await node.settled()
    assert.deepEqual([node.containers, shown(node)], [[], undefined])
  })

  it('is shown in its new version once the old one has ended', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    const release = node.engineGate.hold('stop')
    await node.removeStatic(aStaticPod('one'))
    await node.addStatic(aStaticPod('two'))
    assert.equal(shown(node), 'static-one Running')
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'two 0 running'])
    assert.equal(shown(node), 'static-two Running')
  })

  it('goes with the node that is not to be used any more', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    await node.cleanUp()
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })
})

describe('the mirror of a static Pod that an earlier agent ran', () => {
  it('stays until what is left of the Pod has ended', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    node.kill()
    node.forgetStatic(aStaticPod('one'))
    const release = node.engineGate.hold('stop')
    await node.restart()
    assert.equal(shown(node), 'static-one Running')
    await node.manifestsSynced()
    assert.equal(shown(node), 'static-one Running')
    release()
    await node.settled()
    assert.deepEqual([node.containers, shown(node)], [[], undefined])
  })

  it('goes at once when nothing is left of the Pod, also where there are no manifests any more', async (t) => {
    await using node = await aNode(t)
    node.server.createMirror(mirrorPod(aStaticPod('gone'), ownerOn(node)))
    await node.settled()
    assert.deepEqual(node.server.pods, [])
  })

  it('stays while a manifest is broken that it may stand for', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.server.createMirror(mirrorPod(aStaticPod('hidden'), ownerOn(node)))
    await node.tellManifest({ kind: 'synced', isComplete: false })
    assert.equal(shown(node), 'static-hidden Pending')
    await node.tellManifest({ kind: 'synced', isComplete: true })
    assert.equal(shown(node), undefined)
  })
})

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

function ownerOn(node: NodeInMemory): { readonly name: string; readonly uid: string } {
  return { name: 'node-1', uid: node.server.node('node-1')?.metadata?.uid ?? '' }
}
