import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ended, statusOf, unlocated } from '../../builders/container-status.ts'
import { aContainerStatus } from '../../builders/pod.ts'

describe('the status of a container whose record is gone', () => {
  const wasRunning = aContainerStatus({ restartCount: 2, containerID: 'docker://main-2', lastState: ended(1) })
  const hadEnded = aContainerStatus({
    state: ended(2),
    lastState: ended(1),
    ready: false,
    started: false,
    restartCount: 2,
    containerID: 'docker://main-2',
  })

  it('keeps the end that was told', () => {
    assert.deepEqual(statusOf({ previous: hadEnded }), hadEnded)
    const tagged = { ...hadEnded, image: 'busybox:1.36.1' }
    assert.deepEqual(statusOf({ previous: tagged }), tagged)
    assert.deepEqual(statusOf({ previous: hadEnded, podIsOver: true }), hadEnded)
  })

  it('waits, with that end as its last state, when it is to be started again', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off' }
    assert.deepEqual(statusOf({ previous: hadEnded, waiting }), {
      ...hadEnded,
      state: { waiting },
      lastState: ended(2),
    })
  })

  it('says that it ran and got lost, when it is to be started again', () => {
    assert.deepEqual(statusOf({ previous: wasRunning }), {
      ...wasRunning,
      ready: false,
      started: false,
      // Of its successor, for there will be one.
      restartCount: 3,
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: {
        terminated: {
          exitCode: 137,
          reason: 'ContainerStatusUnknown',
          message: 'The container could not be located when the pod was deleted.  The container used to be Running',
        },
      },
    })
  })

  it('goes on saying so while it waits', () => {
    const lost = statusOf({ previous: wasRunning })
    assert.deepEqual(statusOf({ previous: lost }), lost)
  })

  it('shows its end again when it waited to be started anew and nobody will do that', () => {
    const waited = { ...hadEnded, state: { waiting: { reason: 'ErrImagePull' } }, lastState: ended(2) }
    assert.deepEqual(statusOf({ previous: waited, vanishedForGood: true }), { ...hadEnded, lastState: {} })
    assert.deepEqual(statusOf({ previous: waited, podIsOver: true }), { ...waited, state: unlocated })
  })

  for (const change of [{ vanishedForGood: true }, { podIsOver: true }]) {
    it(`ends as not located, with ${Object.keys(change)[0]}`, () => {
      assert.deepEqual(statusOf({ previous: wasRunning, ...change }), {
        ...wasRunning,
        ready: false,
        started: false,
        state: unlocated,
      })
    })
  }
})
