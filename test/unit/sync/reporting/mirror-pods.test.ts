import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { mirrorPod } from '../../../../src/plan/mirror-pod.ts'
import { MirrorPods } from '../../../../src/sync/reporting/mirror-pods.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { aStaticPod, mirrorOn, name, ownerOn, shown, started } from './mirrored.ts'

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

  for (const phase of ['Pending', 'Failed']) {
    it(`is put right when somebody writes that it is ${phase}`, async (t) => {
      await using node = await aNode(t, { hasManifests: true })
      await started(node)
      node.server.updatePod('default', name, { status: { phase } })
      await node.settled()
      assert.equal(shown(node), 'static-one Running')
      assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    })
  }

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

  it('is not shown any more when its manifest goes, whatever is wrong with others', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.tellManifest({ kind: 'synced', isComplete: false })
    await node.addStatic(aStaticPod('one'))
    assert.equal(shown(node), 'static-one Running')
    await node.removeStatic(aStaticPod('one'))
    assert.equal(shown(node), undefined)
  })

  it('says nothing to a mirror that is gone', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    node.clusterGate.hold('createPod')
    await node.delete(name, 0)
    const sent = node.cluster.count('patchPodStatus')
    await node.exit('one 0', 3)
    assert.equal(node.cluster.count('patchPodStatus'), sent)
  })

  it('takes a mirror that it cannot find for deleted', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await started(node)
    node.cluster.failNext('deletePod', new KubeletError('not-found', 'no such Pod'))
    await node.removeStatic(aStaticPod('one'))
    assert.deepEqual(node.logged, [])
  })

  it('is shown as soon as its Node is registered, and not before', async (t) => {
    await using node = await aNode(t)
    const { cluster } = node
    const mirrors = new MirrorPods({
      cluster,
      nodeName: 'node-1',
      statuses: node.statuses,
      wanted: () => [aStaticPod('one')],
      held: () => [],
      allRead: () => true,
      onFault: assert.fail,
    })
    const life = new AbortController()
    const loop = mirrors.run(life.signal)
    mirrors.listed()
    await node.settled()
    assert.equal(cluster.count('createPod'), 0)
    mirrors.registered(node.server.requireNode('node-1'))
    await node.settled()
    assert.deepEqual([cluster.count('createPod'), cluster.count('getNode')], [1, 0])
    life.abort()
    await loop
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
    const release = node.clusterGate.hold('deletePod')
    const cleaned = node.cleanUp()
    await node.settled()
    assert.deepEqual([node.containers, shown(node)], [[], 'static-one Running'])
    release()
    await cleaned
    assert.deepEqual(node.server.pods, [])
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
    await node.settled()
    assert.equal(shown(node), 'static-hidden Pending')
    await node.tellManifest({ kind: 'synced', isComplete: false })
    assert.equal(shown(node), 'static-hidden Pending')
    await node.tellManifest({ kind: 'synced', isComplete: true })
    assert.equal(shown(node), undefined)
  })
})

describe('a node that has no mirror Pods', () => {
  it('is not gone through, Pod by Pod, for each Pod that ends', async (t) => {
    await using node = await aNode(t)
    let looks = 0
    const mirrors = new MirrorPods({
      cluster: node.cluster,
      nodeName: 'node-1',
      statuses: node.statuses,
      wanted: () => {
        looks += 1
        return []
      },
      held: () => [],
      allRead: () => true,
      onFault: assert.fail,
    })
    const life = new AbortController()
    const loop = mirrors.run(life.signal)
    mirrors.listed()
    await node.settled()
    const before = looks
    for (let ended = 0; ended < 3; ended += 1) {
      mirrors.over()
      await node.settled()
    }
    assert.equal(looks, before)
    life.abort()
    await loop
  })
})
