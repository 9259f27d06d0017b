import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { evictionGraceSeconds } from '../../../src/eviction/eviction-grace.ts'
import { aThreshold } from '../../builders/eviction.ts'
import { aPod } from '../../builders/pod.ts'

describe('the time that a Pod gets to end when it is evicted', () => {
  const soft = aThreshold('memory.available', '1Gi', { graceMs: 30_000 })
  const cases: readonly (readonly [title: string, own: number | undefined, most: number, seconds: number])[] = [
    ['its own', 5, 30, 5],
    ['the most that is given', 60, 30, 30],
    ['the most, where it has none of its own', undefined, 30, 30],
    ['a second, where none is given', 60, 0, 1],
    ['a second, where less than none is given', 60, -1, 1],
    ['a second, where it wants none', 0, 30, 1],
  ]
  for (const [title, own, most, seconds] of cases) {
    it(`is ${title} when a soft threshold is crossed`, () => {
      const spec = own === undefined ? {} : { terminationGracePeriodSeconds: own }
      const { terminationGracePeriodSeconds: _, ...bare } = aPod().spec
      assert.equal(evictionGraceSeconds({ ...aPod(), spec: { ...bare, ...spec } }, soft, most), seconds)
    })
  }

  it('is a second when a hard one is, whatever it wants and may have', () => {
    assert.equal(evictionGraceSeconds(aPod(), aThreshold('memory.available', '1Gi'), 600), 1)
  })
})
