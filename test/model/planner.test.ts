import { describe, it } from 'node:test'
import { ends, settles } from './planner/planner-property.ts'
import { holdsForAll } from './runs.ts'

describe('doing what the plan says', () => {
  it('brings a Pod to where it should be, whatever Docker holds and whatever goes wrong', () => holdsForAll(settles))
})

describe('doing what the plan of an end says', () => {
  it('leaves nothing running, and nothing at all of a Pod that is removed', () => holdsForAll(ends))
})
