import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodStatus } from '../../../src/model/kube.ts'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedPod } from '../../builders/observed.ts'
import { aPod } from '../../builders/pod.ts'

/** The status of a Pod of which the API server holds `theirs` and the agent last said `ours`. */
function statusAfter(theirs: PodStatus, ours: PodStatus): PodStatus {
  return podStatus(aPod({ status: theirs }), anObservedPod(), statusFacts({ previous: ours }))
}

describe('a Pod that somebody else has ended', () => {
  it('keeps the reason and the message that were given to that', () => {
    const theirs = { phase: 'Failed', reason: 'NodeLost', message: 'it was away' }
    const { phase, reason, message } = statusAfter(theirs, { phase: 'Running', reason: 'Busy' })
    assert.deepEqual([phase, reason, message], ['Failed', 'NodeLost', 'it was away'])
  })

  it('keeps no reason that was given to another phase than the one it stays in', () => {
    const theirs = { phase: 'Failed', reason: 'NodeLost' }
    assert.equal(statusAfter(theirs, { phase: 'Succeeded' }).reason, undefined)
  })

  it('is no Pod that runs: its reason is ours to give', () => {
    const theirs = { phase: 'Running', reason: 'Slow' }
    assert.equal(statusAfter(theirs, { phase: 'Pending' }).reason, undefined)
  })
})
