import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allOf } from '../../../src/util/all-of.ts'

describe('allOf', () => {
  it('returns what each gave, in their order', async () => {
    assert.deepEqual(await allOf([Promise.resolve(1), 'two', Promise.resolve(3)]), [1, 'two', 3])
  })

  it('throws what the first in the list threw, and not before all have ended', async () => {
    const slow = Promise.withResolvers<void>()
    let hasEnded = false
    const all = allOf([slow.promise.finally(() => (hasEnded = true)), Promise.reject(new Error('at once'))])
    setImmediate(() => slow.reject(new Error('late')))
    await assert.rejects(all, /late/u)
    assert.ok(hasEnded)
  })
})
