import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { everyStep } from '../../support/every-step.ts'

describe('Every step', () => {
  it('is taken, one after the other, whatever becomes of those before', async () => {
    const taken: string[] = []
    const failing = (name: string) => async () => {
      taken.push(name)
      throw new Error(name)
    }
    await assert.rejects(
      everyStep(failing('a'), () => taken.push('b')),
      { message: 'a' },
    )
    await assert.rejects(everyStep(failing('c'), failing('d')), { message: 'Error: c; Error: d' })
    await everyStep(() => taken.push('e'))
    assert.deepEqual(taken, ['a', 'b', 'c', 'd', 'e'])
  })
})
