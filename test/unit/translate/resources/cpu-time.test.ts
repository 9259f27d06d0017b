import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuWeight, sharesOfWeight } from '../../../../src/translate/resources/cpu-time.ts'

describe('cpuWeight', () => {
  for (const [shares, weight] of [
    [2, 1],
    [102, 4],
    [1024, 39],
    [262_143, 9999],
    [262_144, 10_000],
  ] as const) {
    it(`is ${weight} for ${shares} shares`, () => assert.equal(cpuWeight(shares), weight))
  }

  it('is read as shares of about the same size', () => {
    assert.deepEqual(
      [1, 4, 39, 10_000].map((weight) => sharesOfWeight(weight)),
      [2, 80, 998, 262_144],
    )
  })
})
