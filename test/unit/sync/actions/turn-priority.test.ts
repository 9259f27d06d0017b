import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { turnPriority } from '../../../../src/sync/actions/turn-priority.ts'

describe('whose turn it is to start', () => {
  it('is that of who is further along', () => {
    const steps = [
      turnPriority({ kind: 'create-sandbox' }),
      turnPriority({ kind: 'start-sandbox' }),
      turnPriority({ kind: 'create-container', attempt: 0 }),
      turnPriority({ kind: 'start-container' }),
    ]
    assert.deepEqual(
      steps,
      steps.toSorted((one, other) => one - other),
    )
    assert.equal(new Set(steps).size, steps.length)
  })

  it('is not that of what comes again before that of a new Pod', () => {
    assert.equal(turnPriority({ kind: 'create-container', attempt: 1 }), turnPriority({ kind: 'create-sandbox' }))
  })
})
