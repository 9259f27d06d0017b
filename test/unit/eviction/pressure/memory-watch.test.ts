import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilNextLookMs } from '../../../../src/eviction/pressure/memory-watch.ts'
import { aThreshold, gibibyte, seen } from '../../../builders/eviction.ts'

describe('memory that is watched', () => {
  const thresholds = [aThreshold('memory.available', '1Gi'), aThreshold('memory.available', '2Gi', { graceMs: 1 })]
  const cases: readonly (readonly [left: number, afterMs: number])[] = [
    [20, 10_000],
    [5, 3000],
    [2.5, 500],
    [2, 250],
    // The soft one is crossed already.
    [1.5, 500],
    [0.5, 10_000],
  ]
  for (const [left, afterMs] of cases) {
    it(`is looked at again after ${afterMs} ms when ${left} GiB are left`, () => {
      assert.equal(untilNextLookMs(thresholds, seen({ 'memory.available': left * gibibyte }), 10_000), afterMs)
    })
  }
})
