import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus } from '../../../src/model/kube.ts'
import { vanishedInstances, withoutOutdated } from '../../../src/sync/vanished-instances.ts'
import { anObservedContainer, anObservedPod, exited, finishedAtMs, nothing, running } from '../../builders/observed.ts'
import { aContainerStatus, terminatedState } from '../../builders/pod.ts'

const waiting = { waiting: { reason: 'CrashLoopBackOff' } }

describe('a container of which only the status tells', () => {
  for (const [what, status, expected] of [
    [
      'ran when it was last seen: it counts as killed',
      aContainerStatus({ restartCount: 3 }),
      { attempt: 3, exitCode: 137 },
    ],
    [
      'had ended',
      aContainerStatus({ state: terminatedState(2), restartCount: 1 }),
      { attempt: 1, exitCode: 2, finishedAtMs },
    ],
    [
      'had ended and waited',
      aContainerStatus({ state: waiting, lastState: terminatedState(2), restartCount: 1 }),
      { attempt: 1, exitCode: 2, finishedAtMs },
    ],
    [
      'had vanished once before, and waited: its successor is counted already',
      aContainerStatus({ state: waiting, lastState: { terminated: { exitCode: 137 } }, restartCount: 1 }),
      { attempt: 0, exitCode: 137 },
    ],
    [
      'was removed so that all containers start anew',
      aContainerStatus({
        state: waiting,
        lastState: { terminated: { exitCode: 137, reason: 'RestartingAllContainers' } },
        restartCount: 3,
      }),
      { attempt: 2, exitCode: 137, comesAgain: true },
    ],
    ['never ran', aContainerStatus({ state: { waiting: { reason: 'ContainerCreating' } } }), undefined],
  ] as const) {
    it(what, () => {
      const told = { status: { containerStatuses: [status] }, startedBefore: new Map() }
      assert.deepEqual(vanishedInstances(told, nothing).get('main'), expected)
      assert.deepEqual(vanishedInstances(told, anObservedPod()), new Map())
    })
  }

  it('is to come again where all containers are being removed', () => {
    const conditions = [{ type: 'AllContainersRestarting', status: 'True' }]
    const status = { conditions, containerStatuses: [aContainerStatus({ state: terminatedState(0) })] }
    const found = vanishedInstances({ status, startedBefore: new Map() }, nothing).get('main')
    assert.deepEqual(found, { attempt: 0, exitCode: 0, finishedAtMs, comesAgain: true })
  })
})

describe('a container of which only the folder of its Pod tells', () => {
  const startedBefore = new Map([['main', 4]])

  it('is to come again, counting on', () => {
    const found = vanishedInstances({ status: undefined, startedBefore }, nothing)
    assert.deepEqual(found, new Map([['main', { attempt: 4, exitCode: 137, comesAgain: true }]]))
    assert.deepEqual(vanishedInstances({ status: undefined, startedBefore }, anObservedPod()), new Map())
  })

  it('goes by its status where there is one, but for an older count', () => {
    const status = { containerStatuses: [aContainerStatus({ state: terminatedState(2), restartCount: 1 })] }
    const found = vanishedInstances({ status, startedBefore }, nothing).get('main')
    assert.deepEqual(found, { attempt: 4, exitCode: 2, finishedAtMs })
  })
})

describe('records of a container that are older than what its status tells of', () => {
  const older = anObservedContainer({ attempt: 0, state: exited({ exitCode: 1 }) })
  const records = (status: Partial<ContainerStatus>, ...containers: readonly (typeof older)[]): readonly string[] =>
    withoutOutdated(anObservedPod({ containers }), { containerStatuses: [aContainerStatus(status)] }).containers.map(
      ({ id }) => id,
    )

  it('do not pass for the newest when that was removed', () => {
    assert.deepEqual(records({ restartCount: 1, containerID: 'docker://main-1' }, older), [])
    assert.deepEqual(records({ restartCount: 1, state: terminatedState(0), containerID: 'docker://main-1' }, older), [])
    const vanished = { terminated: { exitCode: 137 } }
    assert.deepEqual(records({ restartCount: 1, state: waiting, lastState: vanished }, older), [])
  })

  it('count when the newest, or one that follows it, is there', () => {
    for (const attempt of [1, 2]) {
      const newer = anObservedContainer({ attempt, state: running })
      assert.deepEqual(records({ restartCount: 1 }, newer, older), [newer.id, older.id])
    }
    assert.deepEqual(records({ restartCount: 0, state: terminatedState(1) }, older), [older.id])
  })

  it('count when the newest was created and never ran', () => {
    const lastState = terminatedState(1, `docker://${older.id}`)
    assert.deepEqual(records({ restartCount: 1, state: waiting, lastState }, older), [older.id])
    assert.deepEqual(records({ restartCount: 1, state: waiting }, older), [older.id])
  })

  it('count while they run: somebody has started them', () => {
    const byHand = anObservedContainer({ attempt: 0, state: running })
    assert.deepEqual(records({ restartCount: 1, containerID: 'docker://main-1' }, byHand), [byHand.id])
  })
})
