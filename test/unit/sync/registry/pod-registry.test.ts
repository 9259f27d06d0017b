import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Pod } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { FakeDocker } from '../../../fakes/fake-docker.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'

/** A Pod from a file; another `version` is another manifest of the same name. */
function aStaticPod(version: string, change: Partial<Pod['metadata']> = {}): Pod {
  const annotations = { [configSourceAnnotation]: 'file' }
  return aPod({
    metadata: { name: 'static-node-1', uid: `static-${version}`, annotations, ...change },
    spec: { containers: [aContainer({ name: version })] },
  })
}

describe('a manifest that was changed while no agent was there', () => {
  const one = aStaticPod('one', { uid: '0123456789abcdef0123456789abcdef' })
  const two = aStaticPod('two', { uid: 'fedcba9876543210fedcba9876543210' })

  it('has its new version wait for the end of the old one, though the API server has said nothing yet', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(one)
    await node.manifestsSynced()
    node.kill()
    node.forgetStatic(one)
    const release = node.clusterGate.hold('listPods')
    node.takeCalls()
    await node.restart()
    const held = node.engineGate.hold('stop')
    await node.addStatic(two)
    assert.deepEqual(
      node.takeCalls().filter((call) => /create|stop|remove/u.test(call)),
      ['stop one 0 2'],
    )
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    held()
    await node.settled()
    assert.deepEqual(
      node.takeCalls().filter((call) => /create|stop|remove/u.test(call)),
      ['remove one 0', 'remove sandbox 0', 'create sandbox 0', 'create two 0'],
    )
    assert.deepEqual(node.containers, ['sandbox 0 running', 'two 0 running'])
    release()
  })
})

describe('a Pod that nobody wants', () => {
  it('is ended when the API server does not have it any more: containers, folder and all', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.kill()
    node.server.deletePodGracefully('default', 'web', 0)
    node.takeCalls()
    node.takeEvents()
    await node.restart()
    assert.deepEqual(
      node.takeCalls().filter((call) => call !== 'list'),
      ['inspect sandbox 0', 'inspect main 0', 'stop main 0 2', 'inspect main 0', 'remove main 0', 'remove sandbox 0'],
    )
    assert.deepEqual(node.containers, [])
    assert.deepEqual(await node.folders(), [])
    const removed = node.takeEvents().find(({ kind }) => kind === 'pod-removed')
    assert.deepEqual([removed?.pod.namespace, removed?.pod.name], ['default', 'web'])
  })

  it('is ended when only its folder is left', async (t) => {
    await using node = await aNode(t)
    node.kill()
    await mkdir(join(node.root, 'pods', aPodUid, 'volumes'), { recursive: true })
    await node.restart()
    assert.deepEqual(await node.folders(), [])
  })

  it('is left alone as long as not every source has said which Pods it wants', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.manifestsSynced()
    await node.addStatic(aStaticPod('one'))
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    await node.removeStatic(aStaticPod('one'))
    await node.manifestsSynced()
    assert.deepEqual(node.containers, [])
  })

  it('is left alone when it is of a manifest, and some manifest cannot be read', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const pod = aStaticPod('one', { uid: '0123456789abcdef0123456789abcdef' })
    await node.addStatic(pod)
    await node.run({ name: 'web' })
    node.kill()
    node.forgetStatic(pod)
    node.server.deletePodGracefully('default', 'web', 0)
    await node.restart()
    await node.tellManifest({ kind: 'synced', isComplete: false })
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    await node.manifestsSynced()
    assert.deepEqual(node.containers, [])
  })

  it('is left alone while the API server cannot be asked', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.kill()
    const release = node.clusterGate.hold('listPods')
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('that appears in Docker later is ended at the next list', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await node.run({ name: 'other' })
    const { request } = node.container('main 0')
    const labels = { ...request.body.Labels, 'io.kubernetes.pod.uid': 'stranger' }
    const { id } = node.docker.create({
      name: 'k8s_main_x_default_stranger_0',
      body: { ...request.body, Labels: labels },
    })
    node.docker.start(id)
    await node.settled()
    assert.equal(node.docker.find(id)?.running, true)
    await node.advance(60_000)
    assert.equal(node.docker.find(id), undefined)
    assert.equal(node.containers.length, 4)
  })

  it('of another node on the same Docker is nobody to touch', async (t) => {
    const docker = new FakeDocker()
    await using node = await aNode(t, { docker })
    await node.run({ name: 'web' })
    await using other = await aNode(t, { docker, nodeName: 'node-2' })
    await other.advance(120_000)
    await other.run({ name: 'web' })
    await other.delete('web')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })
})

describe('a static Pod', () => {
  it('runs and ends without an object in the API server', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.clusterGate.hold('createPod')
    await node.addStatic(aStaticPod('one'))
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    assert.equal(node.statuses.get('static-one')?.phase, 'Running')
    assert.equal(node.cluster.count('patchPodStatus'), 0)
    await node.removeStatic(aStaticPod('one'))
    assert.deepEqual(node.containers, [])
    assert.equal(node.cluster.count('deletePod'), 0)
    assert.equal(node.statuses.get('static-one'), undefined)
  })

  it('waits in its new version until the old one is gone', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('one'))
    const release = node.engineGate.hold('stop')
    await node.removeStatic(aStaticPod('one'))
    await node.addStatic(aStaticPod('two'))
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'two 0 running'])
  })

  it('starts in the newest of the versions that came while the old one ended', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('one'))
    const release = node.engineGate.hold('stop')
    await node.removeStatic(aStaticPod('one'))
    await node.addStatic(aStaticPod('two'))
    await node.removeStatic(aStaticPod('two'))
    await node.addStatic(aStaticPod('three'))
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'three 0 running'])
  })

  it('whose new version went before it could start does not start', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('one'))
    const release = node.engineGate.hold('stop')
    await node.removeStatic(aStaticPod('one'))
    await node.addStatic(aStaticPod('two'))
    await node.removeStatic(aStaticPod('two'))
    release()
    await node.settled()
    assert.deepEqual(node.containers, [])
    assert.deepEqual(await node.folders(), [])
  })

  for (const [restartPolicy, containers] of [
    ['Always', ['one 0 exited', 'sandbox 0 running', 'one 1 running']],
    ['Never', ['sandbox 0 running', 'one 0 running']],
  ] as const) {
    it(`of ${restartPolicy} that comes back as it was while it ends runs again`, async (t) => {
      await using node = await aNode(t, { hasManifests: true })
      const pod = aStaticPod('one')
      const one = { ...pod, spec: { ...pod.spec, restartPolicy } }
      await node.addStatic(one)
      const release = node.engineGate.hold('stop')
      await node.removeStatic(one)
      await node.addStatic(one)
      release()
      await node.settled()
      assert.deepEqual(node.containers, containers)
    })
  }

  it('is found again after a restart of the agent, and untouched', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('one'))
    const { id } = node.container('one 0')
    await node.restart()
    await node.manifestsSynced()
    assert.equal(node.container('one 0').id, id)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
  })

  it('of Never that ended stays ended when the agent starts again', async (t) => {
    await using node = await aNode(t, { hasManifests: true, programs: { one: { kind: 'exits', exitCode: 0 } } })
    const pod = aStaticPod('one')
    await node.addStatic({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } })
    await node.restart()
    await node.manifestsSynced()
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'one 0 exited'])
  })
})

describe('the clean-up of a node', { timeout: 120_000 }, () => {
  it('ends every Pod with its grace and takes their objects away', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 9 } })
    await node.run({ name: 'done', spec: { restartPolicy: 'Never', containers: [aContainer({ name: 'done' })] } })
    await node.exit('done 0', 0)
    await node.addStatic(aStaticPod('one'))
    node.takeCalls()
    await node.cleanUp()
    assert.deepEqual(
      node
        .takeCalls()
        .filter((call) => call.startsWith('stop'))
        .toSorted(),
      ['stop main 0 9', 'stop one 0 30'],
    )
    assert.deepEqual(node.containers, [])
    assert.deepEqual(node.server.pods, [])
    assert.deepEqual(await node.folders(), [])
  })

  it('waits for a Pod that was on its way already', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const release = node.engineGate.hold('stop')
    await node.delete('web')
    const cleaned = node.cleanUp()
    release()
    await cleaned
    assert.deepEqual(node.containers, [])
    assert.deepEqual(node.server.pods, [])
  })
})
