import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probeSpec, type ProbeSpec } from '../../../src/probe/probe-spec.ts'
import { firstDueMs, nextDueMs } from '../../../src/probe/schedule.ts'
import { aContainer } from '../../builders/pod.ts'

function specOf(initialDelaySeconds: number): ProbeSpec {
  const spec = probeSpec(aContainer({ livenessProbe: { initialDelaySeconds } }), 'liveness')
  assert.ok(spec)
  return spec
}

describe('firstDueMs', () => {
  for (const [title, delaySeconds, when, due] of [
    ['is at once', 0, { nowMs: 5000, startedAtMs: 4000, spreadMs: 0 }, 5000],
    [
      'is when the initial delay is over, which counts from the start',
      10,
      { nowMs: 5000, startedAtMs: 4000, spreadMs: 0 },
      14_000,
    ],
    ['is at once when the initial delay is over', 10, { nowMs: 50_000, startedAtMs: 4000, spreadMs: 0 }, 50_000],
    ['is later by the spread', 0, { nowMs: 5000, startedAtMs: 4000, spreadMs: 300 }, 5300],
  ] as const) {
    it(title, () => assert.equal(firstDueMs(specOf(delaySeconds), when), due))
  }
})

describe('nextDueMs', () => {
  for (const [title, nowMs, due] of [
    ['is a period later, however late the last one was', 5400, 6000],
    ['is now for one that was missed, at the time that it was due', 6200, 6000],
    ['is the newest of those that were missed', 8700, 8000],
    ['begins anew when the clock was set back', 1000, 2000],
  ] as const) {
    it(title, () => assert.equal(nextDueMs(5000, 1000, nowMs), due))
  }

  it('never drifts', () => {
    let due = 0
    for (let round = 0; round < 1000; round++) due = nextDueMs(due, 1000, due + 37)
    assert.equal(due, 1_000_000)
  })
})

describe('probeSpec', () => {
  it('fills in what the API server would', () => {
    const { handler: _, ...spec } = probeSpec(aContainer({ readinessProbe: {} }), 'readiness') ?? {}
    assert.deepEqual(spec, {
      type: 'readiness',
      initialDelayMs: 0,
      periodMs: 10_000,
      timeoutMs: 1000,
      successThreshold: 1,
      failureThreshold: 3,
    })
  })

  it('is nothing where the container has no such probe', () => {
    assert.equal(probeSpec(aContainer({ readinessProbe: {} }), 'startup'), undefined)
  })
})
