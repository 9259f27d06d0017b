import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { containerId, type ContainerId } from '../../../src/model/ids.ts'
import type { ContainerUsage } from '../../../src/model/usage.ts'
import { DockerSource } from '../../../src/stats/docker-source.ts'
import { runningPod, type RunningPod } from '../../../src/stats/running-pods.ts'
import { noDetails } from '../../../src/stats/sum-rows.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox } from '../../builders/observed.ts'
import { aUsage } from '../../builders/usage.ts'

const hostBytes = 8_000_000

/** Docker's answers, by container; those that are asked for are noted. */
class Desk {
  readonly asked: string[] = []
  readonly answers = new Map<string, ContainerUsage | KubeletError>()
  nowMs = 1000
  readonly source = new DockerSource({
    engine: {
      containerUsage: async (id: ContainerId) => {
        this.asked.push(id)
        const answer = this.answers.get(id)
        if (answer instanceof KubeletError) throw answer
        return answer
      },
    },
    memoryBytes: hostBytes,
    nowMs: () => this.nowMs,
  })
}

function answer(limit: number): ContainerUsage {
  const usage = aUsage(1_000_000_000, 50_000)
  const eth0 = {
    name: 'eth0',
    rxBytes: 1,
    rxPackets: 1,
    rxErrors: 0,
    rxDropped: 0,
    txBytes: 2,
    txPackets: 1,
    txErrors: 0,
    txDropped: 0,
  }
  return { ...noDetails, ...usage, memory: { ...usage.memory, limit }, threads: 2, interfaces: [eth0] }
}

function aRunningPod(): RunningPod {
  const containers = [anObservedContainer({ name: 'main' }), anObservedContainer({ name: 'side' })]
  const pod = runningPod(anObservedPod({ sandboxes: [anObservedSandbox()], containers }))
  assert.ok(pod !== undefined)
  return pod
}

describe('Figures from Docker', () => {
  it('are those of every container, and of the network by its sandbox', async ({ signal }) => {
    const desk = new Desk()
    for (const id of ['main-0', 'side-0', 'sandbox-0']) desk.answers.set(id, answer(hostBytes))
    const usage = await desk.source.pod(aRunningPod(), 'summary', signal)
    assert.deepEqual([...usage.rows.keys()].toSorted(), ['main-0', 'sandbox-0', 'side-0'])
    assert.equal(usage.interfaces?.[0]?.name, 'eth0')
    assert.equal(usage.rows.get(containerId('main-0'))?.processes, 2)
    assert.equal(usage.pod, undefined)
  })

  it('say of no container without a limit that it may have what the host has', async ({ signal }) => {
    const desk = new Desk()
    desk.answers.set('main-0', answer(hostBytes))
    desk.answers.set('side-0', answer(100))
    const { rows } = await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.deepEqual(
      ['main-0', 'side-0'].map((id) => rows.get(containerId(id))?.usage.memory.limit),
      [undefined, 100],
    )
  })

  it('are not asked for of the sandbox where only CPU and memory are wanted', async ({ signal }) => {
    const desk = new Desk()
    await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.deepEqual(desk.asked.toSorted(), ['main-0', 'side-0'])
  })

  it('are the same for who asks again within five seconds', async ({ signal }) => {
    const desk = new Desk()
    desk.answers.set('main-0', answer(1))
    desk.answers.set('side-0', answer(1))
    await desk.source.pod(aRunningPod(), 'resources', signal)
    desk.nowMs += 4999
    await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.equal(desk.asked.length, 2)
    desk.nowMs += 1
    await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.equal(desk.asked.length, 4)
  })

  it('leave out a container that Docker says nothing of, and ask for it again', async ({ signal }) => {
    const desk = new Desk()
    desk.answers.set('main-0', new KubeletError('unavailable', 'no answer'))
    desk.answers.set('side-0', answer(1))
    const { rows } = await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.deepEqual([...rows.keys()], ['side-0'])
    await desk.source.pod(aRunningPod(), 'resources', signal)
    assert.deepEqual(desk.asked.filter((id) => id === 'main-0').length, 2)
  })

  it('end with whoever waits for them', async ({ signal }) => {
    const desk = new Desk()
    desk.answers.set('main-0', new KubeletError('aborted', 'the agent ends'))
    desk.answers.set('side-0', answer(1))
    await assert.rejects(desk.source.pod(aRunningPod(), 'resources', signal), /the agent ends/u)
  })
})
