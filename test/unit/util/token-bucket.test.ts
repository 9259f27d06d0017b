import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { takeToken, type TokenBucket } from '../../../src/util/token-bucket.ts'

const rate = { burst: 2, perSecond: 0.5 }

describe('a token bucket', () => {
  it('is full at the beginning', () => {
    assert.deepEqual(takeToken(undefined, rate, 1000), { bucket: { tokens: 1, atMs: 1000 }, waitMs: 0 })
  })

  it('says how long until there is a token, and takes none meanwhile', () => {
    const empty: TokenBucket = { tokens: 0, atMs: 1000 }
    assert.deepEqual(takeToken(empty, rate, 1500), { bucket: { tokens: 0.25, atMs: 1500 }, waitMs: 1500 })
  })

  it('fills with time, up to its size', () => {
    const empty: TokenBucket = { tokens: 0, atMs: 1000 }
    assert.deepEqual(takeToken(empty, rate, 3000), { bucket: { tokens: 0, atMs: 3000 }, waitMs: 0 })
    assert.deepEqual(takeToken(empty, rate, 999_000), { bucket: { tokens: 1, atMs: 999_000 }, waitMs: 0 })
  })

  it('does not lose by a clock that is set back', () => {
    assert.deepEqual(takeToken({ tokens: 1, atMs: 1000 }, rate, 0), { bucket: { tokens: 0, atMs: 0 }, waitMs: 0 })
  })

  it('never ends where there is no limit', () => {
    const { waitMs } = takeToken({ tokens: 0, atMs: 0 }, { burst: 0, perSecond: 0 }, 0)
    assert.equal(waitMs, 0)
  })
})
