import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { PodVerdict } from '../../../src/model/pod-verdict.ts'
import { podStatus, type StatusFacts } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited } from '../../builders/observed.ts'
import { aContainerStatus, aPod } from '../../builders/pod.ts'

const ended: PodVerdict = {
  kind: 'ended',
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  disruption: 'Pod was preempted.',
}
const rejected: PodVerdict = { kind: 'rejected', reason: 'OutOfcpu', message: 'no cpu' }
const running = anObservedPod({ containers: [anObservedContainer()] })
const stopped = anObservedPod({ containers: [anObservedContainer({ state: exited({ exitCode: 137 }) })] })
const before: PodStatus = {
  phase: 'Running',
  startTime: '2026-11-21T09:00:00Z',
  qosClass: 'Burstable',
  containerStatuses: [aContainerStatus()],
}
const pod = aPod({ metadata: { generation: 2 } })

function statusOf(observed: typeof running, change: Partial<StatusFacts>): PodStatus {
  return podStatus(pod, observed, statusFacts({ previous: before, ...change }))
}

function conditionOf(status: PodStatus, type: string) {
  return status.conditions?.find((condition) => condition.type === type)
}

describe('the status of a Pod that the node ends', () => {
  it('keeps its phase while anything of it runs, and is not ready', () => {
    const status = statusOf(running, { verdict: ended })
    assert.deepEqual([status.phase, status.reason, status.message], ['Running', undefined, undefined])
    const { status: value, reason } = conditionOf(status, 'Ready') ?? {}
    assert.deepEqual([value, reason], ['False', 'PodFailed'])
    assert.equal(conditionOf(status, 'DisruptionTarget'), undefined)
    assert.notEqual(status.containerStatuses?.[0]?.state?.running, undefined)
  })

  it('is Failed with the reason of its end, and with whose fault it is not, when nothing runs any more', () => {
    const status = statusOf(stopped, { verdict: ended, podIsOver: true })
    assert.deepEqual([status.phase, status.reason, status.message], ['Failed', ended.reason, ended.message])
    assert.deepEqual(status.conditions?.[0], {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted.',
      lastTransitionTime: '2026-11-21T10:00:00Z',
      observedGeneration: 2,
    })
    assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 137)
  })

  it('is Failed even if every container ended well', () => {
    const observed = anObservedPod({ containers: [anObservedContainer({ state: exited({ exitCode: 0 }) })] })
    assert.equal(statusOf(observed, { verdict: ended, podIsOver: true }).phase, 'Failed')
  })

  it('says the same when it is looked at again', () => {
    const first = statusOf(stopped, { verdict: ended, podIsOver: true })
    const facts = { verdict: ended, podIsOver: true, previous: first, nowMs: Date.parse('2026-11-21T10:05:00Z') }
    assert.deepEqual(statusOf(stopped, facts), first)
  })

  it('stays as it is when the Pod had ended before', () => {
    const status = statusOf(stopped, {
      verdict: ended,
      podIsOver: true,
      previous: { ...before, phase: 'Succeeded' },
    })
    assert.deepEqual([status.phase, status.reason], ['Succeeded', undefined])
    assert.equal(conditionOf(status, 'DisruptionTarget'), undefined)
  })
})

describe('the status of a Pod that is not let in', () => {
  it('is bare: phase, reason, message, start and class', () => {
    const facts = { verdict: rejected, podIsOver: true, previous: { phase: 'Pending', qosClass: 'Burstable' } }
    assert.deepEqual(statusOf(anObservedPod(), facts), {
      observedGeneration: 2,
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: 'Pod was rejected: no cpu',
      startTime: '2026-11-21T10:00:00Z',
      qosClass: 'Burstable',
    })
  })

  it('is held back while something of it runs, from the time when it was let in', () => {
    const status = statusOf(running, { verdict: rejected })
    assert.deepEqual([status.phase, status.reason], ['Running', undefined])
  })
})
