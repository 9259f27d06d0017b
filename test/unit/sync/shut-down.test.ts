import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podUid } from '../../../src/model/ids.ts'
import { shutDown } from '../../../src/shutdown/shutdown-schedule.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

describe('a Pod that runs when the machine shuts down', () => {
  it('ends within its time, Failed and with the condition, without an event of its own, and keeps its records', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 30 } })
    node.takeCalls()
    node.takeEvents()
    node.registry.evict(podUid(pod.metadata.uid), shutDown, 7)
    await node.advance(3000)
    const text = 'Pod was terminated in response to imminent node shutdown.'
    const { phase, reason, message: shown, conditions = [] } = node.status('web') ?? {}
    assert.deepEqual({ phase, reason, shown }, { phase: 'Failed', reason: 'Terminated', shown: text })
    const told1 = conditions.find(({ type }) => type === 'DisruptionTarget')
    assert.deepEqual([told1?.status, told1?.reason, told1?.message], ['True', 'TerminationByKubelet', text])
    for (const type of ['Ready', 'ContainersReady', 'PodReadyToStartContainers']) {
      assert.equal(conditions.find((condition) => condition.type === type)?.status, 'False', type)
    }
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('stop main')),
      ['stop main 0 7'],
    )
    assert.deepEqual(told(node.takeEvents()), ['Normal Killing Stopping container main'])
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
  })

  it('has succeeded if its containers end well, and says why it ended all the same', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'runs', exitCode: 0 } } })
    const pod = await node.run({ name: 'job', spec: { restartPolicy: 'Never' } })
    node.registry.evict(podUid(pod.metadata.uid), shutDown, 7)
    await node.advance(3000)
    const { phase, reason } = node.status('job') ?? {}
    assert.deepEqual({ phase, reason }, { phase: 'Succeeded', reason: 'Terminated' })
  })

  it('has no more time if it ends already', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'runs', endsAfterMs: 20_000 } } })
    const pod = await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 60 } })
    await node.delete('web')
    node.takeCalls()
    node.registry.evict(podUid(pod.metadata.uid), shutDown, 5)
    await node.advance(1000)
    assert.ok(node.takeCalls().includes('stop main 0 5'))
  })
})
