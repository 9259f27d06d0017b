import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'
import { aStaticPod, cpu, ends } from './admitted.ts'

const priority = 2_000_000_000
const message = 'Preempted in order to admit critical pod'

/** A container that ends badly when it is stopped. */
const programs = { main: { kind: 'runs', exitCode: 137 } } as const

describe('a critical Pod that finds no room', () => {
  it('starts when others have gone for it, and not before', async (t) => {
    await using node = await aNode(t, { programs })
    await node.run({ name: 'big', spec: cpu('3') })
    await node.run({ name: 'small', spec: cpu('1') })
    node.takeEvents()
    const release = node.engineGate.hold('stop')
    await node.run({ name: 'critical', spec: { ...cpu('2', 'critical'), priority } })
    assert.deepEqual(ends(node, 'big', 'small', 'critical'), ['big Running', 'small Running', 'critical Pending'])
    assert.equal(node.containers.length, 4)
    release()
    await node.settled()
    assert.deepEqual(ends(node, 'big', 'small', 'critical'), [
      'big Failed Preempting',
      'small Running',
      'critical Running',
    ])
    assert.equal(node.status('big')?.message, message)
    const { reason, message: why } =
      node.status('big')?.conditions?.find(({ type }) => type === 'DisruptionTarget') ?? {}
    assert.deepEqual(
      [reason, why],
      ['TerminationByKubelet', 'Pod was preempted by Kubelet to accommodate a critical pod.'],
    )
    const events = node.takeEvents().filter(({ pod }) => pod.name === 'big')
    assert.deepEqual(told(events), [`Warning Preempting ${message}`, 'Normal Killing Stopping container main'])
  })

  it('may be a static one, and those that end well for it have Succeeded, as kubelets say it', async (t) => {
    await using node = await aNode(t, { hasManifests: true, programs: { main: { kind: 'runs', exitCode: 0 } } })
    await node.run({ name: 'web', spec: cpu('4') })
    await node.manifestsSynced()
    await node.addStatic(aStaticPod('static', cpu('1', 'static')))
    assert.deepEqual(ends(node, 'web', 'static'), ['web Succeeded', 'static Running'])
    assert.ok(node.status('web')?.conditions?.some(({ type }) => type === 'DisruptionTarget'))
  })

  it('takes nothing from anybody when it fits', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('3') })
    await node.run({ name: 'critical', spec: { ...cpu('1'), priority } })
    assert.deepEqual(ends(node, 'web', 'critical'), ['web Running', 'critical Running'])
  })

  it('is refused when all others together would not do', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('3') })
    await node.run({ name: 'critical', spec: { ...cpu('5'), priority } })
    assert.deepEqual(ends(node, 'web', 'critical'), ['web Running', 'critical Failed UnexpectedAdmissionError'])
  })

  for (const [grace, limit] of [
    [20, 30],
    [1, 10],
  ] as const) {
    it(`waits ${limit} s, and no longer, for a Pod with a grace of ${grace} s`, async (t) => {
      await using node = await aNode(t)
      await node.run({ name: 'web', spec: { ...cpu('4'), terminationGracePeriodSeconds: grace } })
      node.engineGate.hold('stop')
      await node.run({ name: 'critical', spec: { ...cpu('4', 'critical'), priority } })
      await node.advance((limit - 1) * 1000)
      assert.deepEqual(ends(node, 'critical'), ['critical Pending'])
      node.takeEvents()
      await node.advance(1_000)
      assert.deepEqual(ends(node, 'web', 'critical'), ['web Running', 'critical Running'])
      assert.deepEqual(told(node.takeEvents().filter(({ pod }) => pod.name === 'web')), [
        'Warning ExceededGracePeriod Container runtime did not kill the pod within specified grace period.',
      ])
    })
  }

  it('lets others wait with it that find no room, and those in that do', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('3') })
    const release = node.engineGate.hold('stop')
    await node.run({ name: 'critical', spec: { ...cpu('2', 'critical'), priority } })
    await node.run({ name: 'idle', spec: cpu('0') })
    await node.run({ name: 'wide', spec: cpu('2') })
    await node.run({ name: 'wider', spec: cpu('3') })
    assert.deepEqual(ends(node, 'idle', 'wide', 'wider'), ['idle Running', 'wide Pending', 'wider Pending'])
    release()
    await node.settled()
    assert.deepEqual(ends(node, 'critical', 'wide', 'wider'), [
      'critical Running',
      'wide Running',
      'wider Failed OutOfcpu',
    ])
  })

  it('has its room promised: nobody takes it who would fit beside those that go', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('1') })
    const release = node.engineGate.hold('stop')
    await node.run({ name: 'critical', spec: { ...cpu('4', 'critical'), priority } })
    await node.run({ name: 'sneak', spec: cpu('2') })
    assert.deepEqual(ends(node, 'sneak'), ['sneak Pending'])
    release()
    await node.settled()
    assert.deepEqual(ends(node, 'critical', 'sneak'), ['critical Running', 'sneak Failed OutOfcpu'])
  })

  it('waits for its turn while room is made for another', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web-1', spec: cpu('2') })
    await node.run({ name: 'web-2', spec: cpu('2') })
    const release = node.engineGate.hold('stop')
    node.takeEvents()
    await node.run({ name: 'critical-1', spec: { ...cpu('2', 'critical'), priority } })
    await node.run({ name: 'critical-2', spec: { ...cpu('2', 'critical'), priority } })
    const preempted = (): number => node.takeEvents().filter(({ kind }) => kind === 'pod-ended').length
    assert.equal(preempted(), 1)
    release()
    await node.settled()
    assert.equal(preempted(), 1)
    assert.deepEqual(ends(node, 'critical-1', 'critical-2'), ['critical-1 Running', 'critical-2 Running'])
  })

  it('holds nothing any more when it is deleted while it waits', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: cpu('4') })
    const release = node.engineGate.hold('stop')
    await node.run({ name: 'critical', spec: { ...cpu('4', 'critical'), priority } })
    await node.delete('critical')
    assert.equal(node.server.pod('default', 'critical'), undefined)
    release()
    await node.settled()
    await node.run({ name: 'next', spec: cpu('4') })
    assert.deepEqual(ends(node, 'web', 'next'), ['web Failed Preempting', 'next Running'])
  })

  it('gets its room even if the agent is killed on the way', async (t) => {
    await using node = await aNode(t, { programs })
    await node.run({ name: 'web', spec: cpu('4') })
    node.engineGate.hold('stop')
    await node.run({ name: 'critical', spec: { ...cpu('4', 'critical'), priority } })
    node.kill()
    node.engineGate.hold('stop')()
    await node.restart()
    assert.deepEqual(ends(node, 'web', 'critical'), ['web Failed Preempting', 'critical Running'])
  })
})
