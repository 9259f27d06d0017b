import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toldPending, toldProgress } from '../../../src/model/resize.ts'
import { resizeConditions } from '../../../src/status/resize-conditions.ts'
import { nowMs } from '../../builders/observed.ts'

const sinceMs = nowMs - 60_000
const pending = { message: 'no room', generation: 3, sinceMs, atMs: nowMs - 1000 }
const progress = { generation: 2, error: undefined, sinceMs }

const told = resizeConditions({ pending, progress: { ...progress, error: 'busy' }, nowMs })

describe('the conditions of a resize', () => {
  it('are none where there is none', () => {
    assert.deepEqual(resizeConditions({ pending: undefined, progress: undefined, nowMs }), [])
  })

  it('say what a Pod waits for and what it is in, with the generations that they are about', () => {
    const status = 'True'
    const lastTransitionTime = '2026-11-21T09:59:00Z'
    const first = { type: 'PodResizePending', status, reason: 'Deferred', message: 'no room', observedGeneration: 3 }
    const second = { type: 'PodResizeInProgress', status, reason: 'Error', message: 'busy', observedGeneration: 2 }
    assert.deepEqual(told, [
      { ...first, lastProbeTime: '2026-11-21T09:59:59Z', lastTransitionTime },
      { ...second, lastProbeTime: '2026-11-21T10:00:00Z', lastTransitionTime },
    ])
  })

  it('have no reason while nothing went wrong', () => {
    const [condition] = resizeConditions({ pending: undefined, progress, nowMs })
    assert.ok(condition !== undefined && !Object.hasOwn(condition, 'reason') && !Object.hasOwn(condition, 'message'))
  })

  it('are read back from a status by the next agent', () => {
    assert.deepEqual(toldPending({ conditions: told }, nowMs), { ...pending, atMs: nowMs })
    assert.deepEqual(toldProgress({ conditions: told }, nowMs), { ...progress, error: 'busy' })
    assert.equal(toldPending(undefined, nowMs), undefined)
    assert.equal(toldProgress({ conditions: [{ type: 'PodResizeInProgress', status: 'False' }] }, nowMs), undefined)
  })
})
