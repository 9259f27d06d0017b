import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { anObservedContainer, anObservedPod, exited, nothing } from '../../builders/observed.ts'
import { aPod, terminatedState } from '../../builders/pod.ts'
import { ended, runningStatus, statusOf } from '../../builders/pod-status.ts'

describe('a Pod that ends', () => {
  it('succeeds when its containers did, and is then not ready', () => {
    const status = statusOf(aPod({ spec: { restartPolicy: 'Never' } }), ended(0))
    assert.deepEqual(
      [status.phase, status.conditions?.map(({ type, status: is, reason }) => [type, is, reason])],
      [
        'Succeeded',
        [
          ['PodReadyToStartContainers', 'True', undefined],
          ['Initialized', 'True', 'PodCompleted'],
          ['Ready', 'False', 'PodCompleted'],
          ['ContainersReady', 'False', 'PodCompleted'],
          ['PodScheduled', 'True', undefined],
        ],
      ],
    )
  })

  it('fails as deleted when a container never ran', () => {
    const status = statusOf(aPod(), nothing, { podIsOver: true })
    assert.deepEqual(
      [status.phase, status.containerStatuses?.[0]?.state?.terminated?.reason],
      ['Failed', 'ContainerStatusUnknown'],
    )
  })

  it('is not ready to start containers any more when it is over, while its sandbox still runs', () => {
    const ready = [false, true].map((podIsOver) =>
      statusOf(aPod(), ended(0), { podIsOver }).conditions?.find(({ type }) => type === 'PodReadyToStartContainers'),
    )
    assert.deepEqual(
      ready.map((condition) => condition?.status),
      ['True', 'False'],
    )
  })

  it('fails with a container that ran, whose record is gone and that never restarts', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } })
    const status = statusOf(pod, nothing, { previous: runningStatus, vanishedForGood: new Set(['main']) })
    assert.deepEqual([status.phase, status.containerStatuses?.[0]?.state?.terminated?.exitCode], ['Failed', 137])
  })

  it('keeps its success when the record of it is removed', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } })
    const previous = statusOf(pod, ended(0))
    const after = statusOf(pod, nothing, { previous, podIsOver: true })
    assert.deepEqual([after.phase, after.containerStatuses], ['Succeeded', previous.containerStatuses])
  })

  it('is not said to run again when its container does, which nobody asked for', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } })
    const previous = statusOf(pod, ended(0))
    assert.deepEqual(statusOf(pod, anObservedPod(), { previous }).containerStatuses, previous.containerStatuses)
  })

  it('tells the termination message of its container', () => {
    const messages = new Map([[containerId('main-0'), 'bye']])
    const { containerStatuses } = statusOf(aPod({ spec: { restartPolicy: 'Never' } }), ended(0), { messages })
    assert.equal(containerStatuses?.[0]?.state?.terminated?.message, 'bye')
  })
})

describe('a container that was killed for its new definition', () => {
  const killed: readonly ObservedContainer[] = [anObservedContainer({ state: exited() })]
  for (const restartPolicy of ['Always', 'OnFailure', 'Never']) {
    it(`does not end its Pod under ${restartPolicy}, even if it exits with 0`, () => {
      const status = statusOf(aPod({ spec: { restartPolicy } }), anObservedPod({ containers: killed }), {
        killedForRestart: new Set([containerId('main-0')]),
      })
      assert.deepEqual(
        [status.phase, status.containerStatuses?.[0]?.state, status.containerStatuses?.[0]?.lastState],
        ['Running', { waiting: { reason: 'ContainerCreating' } }, terminatedState(0)],
      )
    })
  }
})
