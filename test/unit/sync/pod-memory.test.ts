import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId, imageId } from '../../../src/model/ids.ts'
import { PodMemory } from '../../../src/sync/pod-memory.ts'
import { anObservedContainer, anObservedPod, nothing, nowMs } from '../../builders/observed.ts'
import { aContainer, aContainerStatus, aPod, containersNamed, terminatedState } from '../../builders/pod.ts'

const failure = { reason: 'RunContainerError', message: 'no such file', retryAtMs: nowMs + 10_000 }
const backOff = { delayMs: 20_000, updatedAtMs: nowMs }

/** A memory in which everything that can fail for containers `one` and `two` has failed. */
function aMemory(): PodMemory {
  const memory = new PodMemory(undefined)
  for (const name of ['one', 'two']) {
    memory.images.set(name, { kind: 'ready', id: imageId('sha256:b0b0') })
    memory.pulls.set(name, new AbortController())
    memory.startFailures.set(name, failure)
    memory.backOffs.set(name, backOff)
  }
  return memory
}

describe("a Pod's memory", () => {
  it('gives a container whose image changes a clean slate, and no other', () => {
    const memory = aMemory()
    const pull = memory.pulls.get('one')
    const before = aPod({ spec: { containers: containersNamed('one', 'two') } })
    const [, two] = containersNamed('one', 'two')
    const after = aPod({ spec: { containers: [aContainer({ name: 'one', image: 'busybox:2' }), two ?? aContainer()] } })
    memory.learnSpec(after, before)
    const left = [memory.images, memory.pulls, memory.startFailures, memory.backOffs].map((map) => [...map.keys()])
    assert.deepEqual(left, [['two'], ['two'], ['two'], ['two']])
    assert.equal(pull?.signal.aborted, true)
  })

  it('keeps what it knows when nothing of an image changes', () => {
    const memory = aMemory()
    const pod = aPod({ spec: { containers: containersNamed('one', 'two') } })
    memory.learnSpec(aPod({ ...pod, metadata: { labels: { colour: 'blue' } } }), pod)
    assert.equal(memory.startFailures.size, 2)
  })

  it('forgets instances that are gone', () => {
    const memory = new PodMemory(undefined)
    const [alive, gone] = [anObservedContainer(), containerId('gone')]
    for (const id of [alive.id, gone]) {
      memory.killedForRestart.add(id)
      memory.toldExits.add(id)
      memory.toldKills.add(id)
      memory.messages.set(id, 'bye')
    }
    memory.forgetGone(anObservedPod())
    for (const ids of [memory.killedForRestart, memory.toldExits, memory.toldKills, memory.messages]) {
      assert.deepEqual([...ids.keys()], [alive.id])
    }
  })
})

describe('a container of which only the status tells', () => {
  for (const [what, status, expected] of [
    [
      'ran when it was last seen: it counts as killed',
      aContainerStatus({ restartCount: 3 }),
      { attempt: 3, exitCode: 137 },
    ],
    ['had ended', aContainerStatus({ state: terminatedState(2), restartCount: 1 }), { attempt: 1, exitCode: 2 }],
    [
      'had ended and waited',
      aContainerStatus({
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: terminatedState(2),
        restartCount: 1,
      }),
      { attempt: 1, exitCode: 2 },
    ],
    ['never ran', aContainerStatus({ state: { waiting: { reason: 'ContainerCreating' } } }), undefined],
  ] as const) {
    it(what, () => {
      const memory = new PodMemory({ containerStatuses: [status] })
      assert.deepEqual(memory.facts(nowMs, nothing).vanished.get('main'), expected)
      assert.deepEqual(memory.facts(nowMs, anObservedPod()).vanished, new Map())
    })
  }
})
