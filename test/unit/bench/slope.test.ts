import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { later, slope } from '../../bench/report/slope.ts'

describe('The slope through points', () => {
  it('is how much grows for each step', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 90 + 2.5 * x }))
    assert.equal(slope(points), 2.5)
  })

  it('is that of the nearest line where points lie beside it', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: 0 },
      { x: 2, y: 3 },
      { x: 3, y: 2 },
    ]
    assert.equal(slope(points), 0.6)
  })

  it('is 0 where one point, or one moment, says nothing', () => {
    assert.equal(slope([{ x: 1, y: 5 }]), 0)
    assert.equal(
      slope([
        { x: 1, y: 5 },
        { x: 1, y: 9 },
      ]),
      0,
    )
  })

  it('is taken of what comes after the warming up', () => {
    assert.deepEqual(later([1, 2, 3, 4, 5, 6]), [3, 4, 5, 6])
  })
})
