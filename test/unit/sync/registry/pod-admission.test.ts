import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aContainer } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'
import { aStaticPod, cpu, ends } from './admitted.ts'

const tooMuch = "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000"

describe('a Pod that the node does not let in', () => {
  it('is Failed, with a bare status and one event, and nothing of it is made', async (t) => {
    await using node = await aNode(t)
    node.kill()
    node.server.createPod({ name: 'web', nodeName: 'node-1', spec: cpu('5') })
    const conditions = [
      { type: 'PodScheduled', status: 'True' },
      { type: 'example.com/gate', status: 'True' },
    ]
    node.server.patchPodStatus('default', 'web', { qosClass: 'Burstable', conditions })
    await node.restart()
    assert.deepEqual(node.status('web'), {
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: `Pod was rejected: ${tooMuch}`,
      startTime: '2026-11-21T10:00:00Z',
      qosClass: 'Burstable',
      conditions: [{ type: 'example.com/gate', status: 'True' }],
      containerStatuses: [],
      observedGeneration: 1,
    })
    assert.deepEqual(told(node.takeEvents()), [`Warning OutOfcpu ${tooMuch}`])
    assert.deepEqual(
      node.takeCalls().filter((call) => call !== 'list'),
      [],
    )
    assert.deepEqual(await node.folders(), [])
  })

  it('goes at once when it is deleted', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('5') })
    await node.delete('web')
    assert.equal(node.server.pod('default', 'web'), undefined)
  })

  it('stays as it is when the agent is started anew, and the node has room by then', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('3') })
    await node.run({ name: 'late', spec: cpu('2') })
    const before = node.status('late')
    await node.delete('web')
    node.kill()
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(node.status('late'), before)
    assert.deepEqual(node.containers, [])
    await node.delete('late')
    assert.equal(node.server.pod('default', 'late'), undefined)
  })

  it('takes no room from others', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'big', spec: cpu('5') })
    await node.run({ name: 'web', spec: cpu('4') })
    assert.deepEqual(ends(node, 'big', 'web'), ['big Failed OutOfcpu', 'web Running'])
    node.kill()
    node.server.createPod({ name: 'windows', nodeName: 'node-1', spec: { ...cpu('4'), os: { name: 'windows' } } })
    await node.delete('web', 0)
    node.server.createPod({ name: 'next', nodeName: 'node-1', spec: cpu('4') })
    await node.restart()
    assert.deepEqual(ends(node, 'windows', 'next'), ['windows Failed PodOSNotSupported', 'next Running'])
  })

  it('is told of only when it is over, when it was let in by an agent before and does not belong here any more', async (t) => {
    await using node = await aNode(t, { node: { labels: { disk: 'ssd' } } })
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    node.kill()
    node.server.patchNode('node-1', { metadata: { labels: { disk: 'hdd' } } })
    const release = node.engineGate.hold('stop')
    await node.restart()
    assert.deepEqual(ends(node, 'web'), ['web Running'])
    release()
    await node.settled()
    assert.deepEqual(ends(node, 'web'), ['web Failed NodeAffinity'])
    assert.deepEqual(node.status('web')?.containerStatuses, [])
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
  })

  it('may be a static one, whose mirror says so', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    await node.addStatic(aStaticPod('static', { os: { name: 'windows' } }))
    await node.manifestsSynced()
    assert.deepEqual(ends(node, 'static'), ['static Failed PodOSNotSupported'])
    assert.deepEqual(node.containers, [])
  })
})

describe('the room on a node', () => {
  it('is held by a Pod until it is over, whoever else comes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('3') })
    const release = node.engineGate.hold('stop')
    await node.delete('web')
    await node.run({ name: 'early', spec: cpu('2') })
    assert.deepEqual(ends(node, 'early'), ['early Failed OutOfcpu'])
    release()
    await node.settled()
    await node.run({ name: 'late', spec: cpu('2') })
    assert.deepEqual(ends(node, 'late'), ['late Running'])
  })

  it('is free again when a Pod has ended by itself, though its object stays', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'job', spec: { ...cpu('3'), restartPolicy: 'Never' } })
    await node.exit('main 0', 0)
    await node.run({ name: 'web', spec: cpu('4') })
    assert.deepEqual(ends(node, 'job', 'web'), ['job Succeeded', 'web Running'])
  })

  it('is held by a Pod whose container waits to be started again', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'crash', spec: cpu('3') })
    await node.exit('main 0', 1)
    await node.exit('main 1', 1)
    await node.run({ name: 'web', spec: cpu('2') })
    assert.deepEqual(ends(node, 'crash', 'web'), ['crash Running', 'web Failed OutOfcpu'])
  })

  it('is first for those that were here before the agent was started anew, then for the older', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'zebra', spec: cpu('2'), metadata: { creationTimestamp: '2026-11-21T10:30:00Z' } })
    node.kill()
    for (const [name, at] of [
      ['b-young', '2026-11-21T10:20:00Z'],
      ['c-old', '2026-11-21T10:10:00Z'],
    ] as const) {
      node.server.createPod({ name, nodeName: 'node-1', spec: cpu('2'), metadata: { creationTimestamp: at } })
    }
    await node.restart()
    assert.deepEqual(ends(node, 'zebra', 'c-old', 'b-young'), [
      'zebra Running',
      'c-old Running',
      'b-young Failed OutOfcpu',
    ])
  })

  it('is not taken from a Pod that runs, even if the node has become smaller', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('4') })
    node.kill()
    node.server.patchNodeStatus('node-1', { allocatable: { cpu: '2' } })
    await node.restart()
    await node.advance(60_000)
    assert.deepEqual(ends(node, 'web'), ['web Running'])
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('is its own for a static Pod that comes back while it ends', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const pod = aStaticPod('static', cpu('3'))
    await node.addStatic(pod)
    const release = node.engineGate.hold('stop')
    await node.removeStatic(pod)
    await node.addStatic(pod)
    release()
    await node.settled()
    assert.equal(node.statuses.get('static-static')?.phase, 'Running')
  })

  it('passes from one version of a static Pod to the next, whichever comes first, the new or the end of the old', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const old = aStaticPod('static', cpu('3'))
    await node.addStatic(old)
    await node.addStatic({ ...old, metadata: { ...old.metadata, uid: 'static-new' } })
    await node.removeStatic(old)
    assert.equal(node.statuses.get('static-new')?.phase, 'Running')
  })

  it('counts ports of the node too', async (t) => {
    await using node = await aNode(t)
    const spec = { containers: [aContainer({ ports: [{ containerPort: 80, hostPort: 8080 }] })] }
    await node.run({ name: 'web-1', spec })
    await node.run({ name: 'web-2', spec })
    assert.deepEqual(ends(node, 'web-1', 'web-2'), ['web-1 Running', 'web-2 Failed NodePorts'])
    await node.delete('web-1')
    await node.run({ name: 'web-3', spec })
    assert.deepEqual(ends(node, 'web-3'), ['web-3 Running'])
  })
})

describe('a Pod that waits to be let in', () => {
  it('is deleted without ado', async (t) => {
    await using node = await aNode(t)
    node.clusterGate.refuse('getNode', new KubeletError('unavailable', 'the API server is away'))
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    await node.delete('web')
    assert.equal(node.server.pod('default', 'web'), undefined)
    assert.deepEqual(node.containers, [])
  })
})
