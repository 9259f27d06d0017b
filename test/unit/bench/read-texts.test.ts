import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { heapSizes } from '../../bench/report/heap-log.ts'
import { lateness } from '../../bench/report/lateness.ts'
import { familySum } from '../../bench/report/metrics-text.ts'

describe('What the bench reads', () => {
  it('is of the heap what big collections left, in MB of a million bytes', () => {
    const log = [
      '{"level":"info","msg":"Mark-Compact"}',
      '[18:0x7f] 2000 ms: Scavenge 20.1 (30.0) -> 18.0 (30.0) MB, 1.0 / 0.0 ms',
      '[18:0x7f] 5000 ms: Mark-Compact (reduce) 21.3 (30.1) -> 15.5 (29.8) MB, pooled: 0.0 MB, 9.0 / 0.0 ms',
    ]
    assert.deepEqual(heapSizes(log.join('\n')), [(15.5 * 1024 * 1024) / 1e6])
  })

  it('is of metrics the sum over all labels of one family, and of none that begins like it', () => {
    const text = '# TYPE calls counter\ncalls{op="a"} 3\ncalls{op="b"} 4.5\ncalls_total{op="a"} 100\nplain 2\n'
    assert.equal(familySum(text, 'calls'), 7.5)
    assert.equal(familySum(text, 'plain'), 2)
    assert.equal(familySum(text, 'absent'), 0)
  })

  it('is of moments how late each was, beside the most punctual', () => {
    assert.deepEqual(lateness([1005, 2000, 3010], 1000), [5, 0, 10])
    assert.deepEqual(lateness([], 1000), [])
  })
})
