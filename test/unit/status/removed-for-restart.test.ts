import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statusOf } from '../../builders/container-status.ts'
import { aContainerStatus, terminatedState } from '../../builders/pod.ts'

const wasRunning = aContainerStatus({ restartCount: 2, lastState: terminatedState(1) })
const hadEnded = aContainerStatus({ restartCount: 2, state: terminatedState(2), ready: false, started: false })

describe('the status of a container whose instances were removed', () => {
  it('says that it was removed so that all containers start anew, and counts that as a restart', () => {
    const shown = {
      reason: 'RestartingAllContainers',
      message: 'The container is removed because RestartAllContainers in place',
    }
    for (const previous of [wasRunning, hadEnded]) {
      const { state, lastState, restartCount, ready } = statusOf({ previous, removedForRestart: true })
      assert.deepEqual(
        { state, lastState, restartCount, ready },
        {
          state: { waiting: shown },
          lastState: { terminated: { exitCode: 137, ...shown } },
          restartCount: 3,
          ready: false,
        },
      )
    }
  })

  it('says so once, then what it waits for', () => {
    const removed = statusOf({ previous: wasRunning, removedForRestart: true })
    const { state, lastState, restartCount } = statusOf({ previous: removed })
    assert.deepEqual(
      { state, lastState, restartCount },
      { state: { waiting: { reason: 'ContainerCreating' } }, lastState: removed.lastState, restartCount: 3 },
    )
  })

  it('says nothing of that where it had not been started', () => {
    const previous = { ...wasRunning, state: { waiting: { reason: 'PodInitializing' } }, restartCount: 0 }
    const { state, restartCount } = statusOf({ previous, removedForRestart: true })
    assert.deepEqual({ state, restartCount }, { state: { waiting: { reason: 'ContainerCreating' } }, restartCount: 0 })
  })
})
