import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  backOffEndsAt,
  backOffResetMs,
  crashLoopLimits,
  imagePullLimits,
  nextBackOff,
  type BackOff,
  type BackOffLimits,
} from '../../../src/plan/back-off.ts'

/**
 * How long something waits before each try, in seconds, when it fails `failures` times, each time `ranMs` after it was
 * started, and is started again as soon as it may be.
 */
function waits(failures: number, ranMs: number, limits: BackOffLimits): readonly number[] {
  let backOff: BackOff | undefined
  let nowMs = 1_000_000
  return Array.from({ length: failures }, () => {
    const failedAtMs = nowMs + ranMs
    const endsAtMs = backOffEndsAt(backOff, failedAtMs)
    nowMs = endsAtMs
    backOff = nextBackOff(backOff, failedAtMs, nowMs, limits)
    return (endsAtMs - failedAtMs) / 1000
  })
}

describe('the back-off of a crash loop', () => {
  it('lets a container restart at once, then after 10 seconds, doubling up to 5 minutes', () => {
    assert.deepEqual(waits(9, 1000, crashLoopLimits), [0, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  it('forgets a container that ran for more than ten minutes', () => {
    assert.deepEqual(waits(3, backOffResetMs + 1, crashLoopLimits), [0, 0, 0])
    assert.deepEqual(waits(3, backOffResetMs, crashLoopLimits), [0, 10, 20])
  })

  it('starts over at 10 seconds after that', () => {
    const old: BackOff = { delayMs: 300_000, updatedAtMs: 0 }
    assert.equal(backOffEndsAt(old, 600_000), 900_000)
    assert.equal(backOffEndsAt(old, 600_001), 600_001)
    assert.deepEqual(nextBackOff(old, 600_001, 600_002, crashLoopLimits), { delayMs: 10_000, updatedAtMs: 600_002 })
  })

  it('forgets after ten minutes however short the longest wait is', () => {
    const limits = { initialMs: 1000, maxMs: 1000 }
    const old: BackOff = { delayMs: 1000, updatedAtMs: 0 }
    assert.equal(backOffEndsAt(old, 599_000), 600_000)
    assert.deepEqual(nextBackOff(old, 599_000, 600_000, limits), { delayMs: 1000, updatedAtMs: 600_000 })
  })

  it('never waits longer than it is allowed to, from the first time on', () => {
    assert.deepEqual(waits(4, 1000, { initialMs: 10_000, maxMs: 5000 }), [0, 5, 5, 5])
    assert.deepEqual(waits(5, 1000, { initialMs: 10_000, maxMs: 30_000 }), [0, 10, 20, 30, 30])
  })
})

describe('the back-off of image pulls', () => {
  it('has the same limits', () => {
    assert.deepEqual(imagePullLimits, crashLoopLimits)
  })

  it('makes each failed pull wait, the first one for 10 seconds', () => {
    let backOff: BackOff | undefined
    const delays = [0, 10, 30, 70, 150, 310, 610].map((seconds) => {
      backOff = nextBackOff(backOff, seconds * 1000, seconds * 1000, imagePullLimits)
      return backOff.delayMs / 1000
    })
    assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300])
  })
})
