import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podUid } from '../../../src/model/ids.ts'
import type { PodVerdict } from '../../../src/model/pod-verdict.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

const message = 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". '
const verdict: PodVerdict = { kind: 'disrupted', reason: 'Evicted', message, condition: undefined }

function evict(node: NodeInMemory, uid: string): Promise<void> {
  node.registry.evict(podUid(uid), verdict)
  return node.advance(3000)
}

describe('a Pod that is evicted', () => {
  it('ends at once, Failed and with an event, and its object and its records stay', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 30 } })
    node.takeCalls()
    await evict(node, pod.metadata.uid)
    const { phase, reason, message: shown, conditions = [] } = node.status('web') ?? {}
    assert.deepEqual({ phase, reason, message: shown }, { phase: 'Failed', reason: 'Evicted', message })
    assert.ok(!conditions.some(({ type }) => type === 'DisruptionTarget'))
    assert.ok(told(node.takeEvents()).includes(`Warning Evicted ${message}`))
    // It gets a second, and whoever gets less than two has two, as the kubelet has it.
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('stop main')),
      ['stop main 0 2'],
    )
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
    assert.deepEqual(node.registry.running(), [])
  })

  it('for want of something on the node has the time that it is given, a condition, and an event with annotations', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 30 } })
    const uid = podUid(pod.metadata.uid)
    node.takeCalls()
    node.takeEvents()
    const annotations = { starved_resource: 'memory' }
    node.registry.evict(uid, { ...verdict, condition: message, signal: 'memory.available', annotations }, 12)
    assert.ok(!node.workers.isCleanedUp(uid))
    await node.advance(15_000)
    assert.ok(node.workers.isCleanedUp(uid))
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('stop main')),
      ['stop main 0 12'],
    )
    const condition = node.status('web')?.conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.deepEqual([condition?.reason, condition?.message], ['TerminationByKubelet', message])
    const ended = node.takeEvents().find(({ kind }) => kind === 'pod-ended')
    assert.deepEqual(ended?.kind === 'pod-ended' && [ended.annotations, ended.signal], [
      annotations,
      'memory.available',
    ])
  })

  it('does not come again with the next agent', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web' })
    await evict(node, pod.metadata.uid)
    await node.restart()
    assert.equal(node.status('web')?.reason, 'Evicted')
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
  })

  it('is said of the same as before when nothing of it is left in Docker, by the next agent too', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web' })
    await evict(node, pod.metadata.uid)
    const told = node.status('web')
    for (const { id } of node.docker.containers) node.docker.remove(id)
    await node.advance(60_000)
    assert.deepEqual(node.status('web'), told)
    await node.restart()
    assert.deepEqual(node.status('web'), told)
    assert.deepEqual(node.containers, [])
  })

  it('is none that ends already: it is deleted as it was asked for', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'runs', endsAfterMs: 20_000 } } })
    const pod = await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 30 } })
    await node.delete('web')
    node.takeCalls()
    await evict(node, pod.metadata.uid)
    assert.ok(!node.takeCalls().some((call) => call.startsWith('stop main')))
    assert.equal(node.status('web')?.reason, undefined)
  })
})

describe('a node that is short of something', () => {
  it('takes no Pod that has no claim to be there, says so in its status and an event, and lets those be that are there', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'earlier' })
    node.isShortOf('MemoryPressure', 'DiskPressure')
    node.takeEvents()
    await node.run({ name: 'later' })
    const reason = 'The node had condition: [MemoryPressure DiskPressure]. '
    assert.partialDeepStrictEqual(node.status('later'), {
      phase: 'Failed',
      reason: 'Evicted',
      message: `Pod was rejected: ${reason}`,
    })
    assert.ok(told(node.takeEvents()).includes(`Warning Evicted ${reason}`))
    await node.restart()
    node.isShortOf('MemoryPressure', 'DiskPressure')
    await node.settled()
    assert.equal(node.status('earlier')?.phase, 'Running')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })
})
