import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deadlineMs } from '../../../src/plan/active-deadline.ts'
import { aPod } from '../../builders/pod.ts'

describe('deadlineMs', () => {
  const startTime = '2026-11-21T10:00:00Z'
  const startedAtMs = Date.parse(startTime)
  const withDeadline = aPod({ spec: { activeDeadlineSeconds: 90 } })

  it('counts from the start that the status tells', () => {
    assert.equal(deadlineMs(withDeadline, { startTime }), startedAtMs + 90_000)
    assert.equal(deadlineMs(aPod({ spec: { activeDeadlineSeconds: 0 } }), { startTime }), startedAtMs)
  })

  it('is never for a Pod that has none, and while no start has been told', () => {
    assert.equal(deadlineMs(aPod(), { startTime }), undefined)
    assert.equal(deadlineMs(withDeadline, {}), undefined)
    assert.equal(deadlineMs(withDeadline, undefined), undefined)
  })
})
