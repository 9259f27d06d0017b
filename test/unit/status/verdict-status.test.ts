import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { PodVerdict } from '../../../src/model/pod-verdict.ts'
import { podStatus, type StatusFacts } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited } from '../../builders/observed.ts'
import { aContainerStatus, aPod } from '../../builders/pod.ts'

const disrupted: PodVerdict = {
  kind: 'disrupted',
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  condition: 'Pod was preempted.',
}
const expired: PodVerdict = { kind: 'expired', reason: 'DeadlineExceeded', message: 'late' }
const rejected: PodVerdict = { kind: 'rejected', reason: 'OutOfcpu', message: 'no cpu' }
const running = anObservedPod({ containers: [anObservedContainer()] })
const stopped = anObservedPod({ containers: [anObservedContainer({ state: exited({ exitCode: 0 }) })] })
const killed = anObservedPod({ containers: [anObservedContainer({ state: exited({ exitCode: 137 }) })] })
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
  for (const verdict of [disrupted, expired]) {
    it(`keeps its phase while anything of it runs, when it is ${verdict.kind}`, () => {
      const status = statusOf(running, { verdict })
      assert.deepEqual([status.phase, status.reason, status.message], ['Running', undefined, undefined])
      assert.equal(conditionOf(status, 'DisruptionTarget'), undefined)
      assert.notEqual(status.containerStatuses?.[0]?.state?.running, undefined)
      assert.equal(conditionOf(status, 'Ready')?.reason, verdict.kind === 'expired' ? 'PodFailed' : undefined)
    })

    it(`is Failed for the reason of its end, when it is ${verdict.kind} and nothing runs any more`, () => {
      const status = statusOf(killed, { verdict, podIsOver: true })
      assert.deepEqual([status.phase, status.reason, status.message], ['Failed', verdict.reason, verdict.message])
      assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 137)
      assert.equal(conditionOf(status, 'Ready')?.reason, 'PodFailed')
    })

    it(`says the same when it is looked at again, when it is ${verdict.kind}`, () => {
      for (const observed of [killed, stopped]) {
        const first = statusOf(observed, { verdict, podIsOver: true })
        const nowMs = Date.parse('2026-11-21T10:05:00Z')
        assert.deepEqual(statusOf(observed, { verdict, podIsOver: true, previous: first, nowMs }), first)
      }
    })

    it(`stays as it is when the Pod had ended before, when it is ${verdict.kind}`, () => {
      const previous = { ...before, phase: 'Succeeded' }
      const status = statusOf(killed, { verdict, podIsOver: true, previous })
      assert.deepEqual([status.phase, status.reason], ['Succeeded', undefined])
      assert.equal(conditionOf(status, 'DisruptionTarget'), undefined)
    })
  }

  it('has Succeeded when its place was needed and all its containers ended well, as kubelets say it', () => {
    const status = statusOf(stopped, { verdict: disrupted, podIsOver: true })
    assert.deepEqual([status.phase, status.reason, status.message], ['Succeeded', undefined, undefined])
    assert.equal(conditionOf(status, 'DisruptionTarget')?.status, 'True')
  })

  it('is Failed when its time was up, even if all its containers ended well', () => {
    assert.equal(statusOf(stopped, { verdict: expired, podIsOver: true }).phase, 'Failed')
  })

  it('tells whose fault it is not, first of all conditions', () => {
    assert.deepEqual(statusOf(killed, { verdict: disrupted, podIsOver: true }).conditions?.[0], {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted.',
      lastTransitionTime: '2026-11-21T10:00:00Z',
      observedGeneration: 2,
    })
    assert.equal(
      statusOf(killed, { verdict: expired, podIsOver: true }).conditions?.[0]?.type,
      'PodReadyToStartContainers',
    )
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
