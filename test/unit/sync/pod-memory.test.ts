import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId, imageId } from '../../../src/model/ids.ts'
import { PodMemory } from '../../../src/sync/pod-memory.ts'
import { anObservedContainer, anObservedPod, exited, finishedAtMs, nowMs } from '../../builders/observed.ts'
import { aContainer, aPod, containersNamed } from '../../builders/pod.ts'

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

  it('learns nothing of a version whose status alone is new', () => {
    const memory = new PodMemory(undefined)
    const pod = aPod()
    memory.learnSpec(pod, undefined)
    const { unsupported } = memory
    memory.learnSpec({ ...pod, status: { phase: 'Running' } }, pod)
    assert.deepEqual([memory.unsupported === unsupported, memory.specChanges], [true, 0])
  })

  it('knows since when the status has shown why an image could not be had', () => {
    const memory = new PodMemory(undefined)
    const failed = {
      kind: 'failed',
      reason: 'ErrImagePull',
      message: 'no',
      failedAtMs: 1,
      retryAtMs: 2,
      backOff: true,
    } as const
    memory.images.set('main', failed)
    memory.shown(new Map([['main', { reason: 'CrashLoopBackOff', message: '' }]]), nowMs)
    assert.deepEqual(memory.images.get('main'), failed)
    for (const atMs of [nowMs, nowMs + 5])
      memory.shown(new Map([['main', { reason: 'ErrImagePull', message: 'no' }]]), atMs)
    assert.deepEqual(memory.images.get('main'), { ...failed, shownAtMs: nowMs })
  })

  it('looks for images that were not there ten seconds after the first change', () => {
    const memory = new PodMemory(undefined)
    memory.images.set('here', { kind: 'ready', id: imageId('sha256:b0b0') })
    assert.equal(memory.imagesChanged(nowMs), false)
    const failed = {
      kind: 'failed',
      reason: 'ErrImagePull',
      message: 'no',
      failedAtMs: 1,
      retryAtMs: 2,
      backOff: true,
    } as const
    memory.images.set('main', failed)
    for (const atMs of [nowMs, nowMs + 5000]) assert.equal(memory.imagesChanged(atMs), true)
    assert.deepEqual(memory.images.get('main'), { ...failed, lookAtMs: nowMs + 10_000 })
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

describe('a kill in order to start anew', () => {
  it('counts for nothing when the container had ended by itself before', () => {
    for (const [sinceMs, isReplaced] of [
      [finishedAtMs + 1, false],
      [finishedAtMs, true],
    ] as const) {
      const memory = new PodMemory(undefined)
      const container = anObservedContainer({ state: exited() })
      const order = { graceSeconds: 30, message: '', thenRestart: true, reason: '' }
      const step = { kind: 'awaiting-turn' } as const
      memory.kills.set(container.id, { containerName: 'main', sinceMs, step, order })
      memory.killedForRestart.add(container.id)
      memory.takeEndedKills(anObservedPod({ containers: [container] }))
      assert.equal(memory.killedForRestart.has(container.id), isReplaced)
    }
  })
})
