import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { median, scale, single, summarize } from '../../bench/report/summary.ts'

describe('A summary of samples', () => {
  it('has the median and the spread, whatever the order of the samples', () => {
    const { count, p5, p50, p95, min, max } = summarize([30, 10, 20, 50, 40])
    assert.deepEqual({ count, p50, min, max }, { count: 5, p50: 30, min: 10, max: 50 })
    assert.equal(p5, 12)
    assert.equal(p95, 48)
  })

  it('takes the middle between two samples', () => {
    assert.equal(median([1, 2]), 1.5)
  })

  it('refuses to say anything of nothing', () => {
    assert.throws(() => summarize([]), RangeError)
  })

  it('of one sample is that sample', () => {
    assert.deepEqual(single(7), { count: 1, p5: 7, p50: 7, p95: 7, min: 7, max: 7 })
  })

  it('is the same in other units, but for the count', () => {
    assert.deepEqual(scale(summarize([1, 3]), 10), summarize([10, 30]))
  })
})
