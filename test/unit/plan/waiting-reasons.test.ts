import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerId } from '../../../src/model/ids.ts'
import type { ImageFact } from '../../../src/plan/pod-facts.ts'
import { waitingReasons } from '../../../src/plan/waiting-reasons.ts'
import {
  createContainer,
  createSandbox,
  ensureImage,
  killContainer,
  prepareVolumes,
  removeContainer,
  removeSandbox,
  startContainer,
  startSandbox,
  stopSandbox,
  wait,
} from '../../builders/actions.ts'
import { podFacts } from '../../builders/facts.ts'
import { nowMs } from '../../builders/observed.ts'
import { aContainer } from '../../builders/pod.ts'

const main = aContainer()
const startFailure = { reason: 'RunContainerError', message: 'no such file', retryAtMs: nowMs }
const imageFailure: ImageFact = {
  kind: 'failed',
  reason: 'ErrImagePull',
  message: 'manifest unknown',
  failedAtMs: nowMs - 10_000,
  retryAtMs: nowMs,
  backOff: true,
}

describe('waitingReasons', () => {
  it('are what the plan waits for', () => {
    const actions = [wait('a', nowMs, 'CrashLoopBackOff', 'back-off'), wait('b', undefined, 'ErrImagePull', '')]
    assert.deepEqual(
      waitingReasons(actions, podFacts()),
      new Map([
        ['a', { reason: 'CrashLoopBackOff', message: 'back-off' }],
        ['b', { reason: 'ErrImagePull', message: '' }],
      ]),
    )
  })

  it('say nothing of a wait of the whole Pod', () => {
    assert.deepEqual(waitingReasons([wait(undefined, nowMs, 'FailedMount', 'no')], podFacts()), new Map())
  })

  const tries: readonly PodAction[] = [ensureImage(main), createContainer(main), startContainer(main)]
  for (const action of tries) {
    it(`are what the last try failed with while the next is made: ${action.kind}`, () => {
      const { reason, message } = startFailure
      const startFailures = new Map([['main', startFailure]])
      const images = new Map([['main', imageFailure]])
      assert.deepEqual(waitingReasons([action], podFacts({ startFailures })), new Map([['main', { reason, message }]]))
      assert.deepEqual(
        waitingReasons([action], podFacts({ startFailures, images })),
        new Map([['main', { reason, message }]]),
      )
      assert.deepEqual(
        waitingReasons([action], podFacts({ images })),
        new Map([['main', { reason: 'ErrImagePull', message: 'manifest unknown' }]]),
      )
      assert.deepEqual(waitingReasons([action], podFacts()), new Map())
    })
  }

  it('are why a postStart hook failed, until it has succeeded', () => {
    const failure = { ...startFailure, reason: 'PostStartHookError' }
    const postStarts = new Map([[containerId('main-0'), { containerName: 'main', kind: 'running' as const }]])
    const facts = podFacts({ startFailures: new Map([['main', failure]]), postStarts })
    const { reason, message } = failure
    assert.deepEqual(waitingReasons([], facts), new Map([['main', { reason, message }]]))
    assert.deepEqual(waitingReasons([], podFacts({ postStarts })), new Map())
  })

  it('are none for what is done besides', () => {
    const actions: readonly PodAction[] = [
      prepareVolumes,
      createSandbox(0, 'new'),
      startSandbox,
      killContainer('main', 0, 'old'),
      removeContainer('main', 0, 'old'),
      stopSandbox(0),
      removeSandbox(0),
      { kind: 'remove-volumes', reason: 'over' },
    ]
    const startFailures = new Map([['main', startFailure]])
    assert.deepEqual(waitingReasons(actions, podFacts({ startFailures })), new Map())
  })
})
