import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { TokenVerdict } from '../../../../src/model/access.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { KnownTokens } from '../../../../src/server/auth/known-tokens.ts'
import { StoppedClock } from '../../../support/stopped-clock.ts'

const caller = { name: 'anna', uid: '7', groups: ['staff'], extra: {} }
const known: TokenVerdict = { kind: 'known', caller }

describe('tokens that the API server is asked about', () => {
  it('are asked about once in two minutes where they are known', async (test) => {
    using bed = testBed(test, async () => known)
    assert.deepEqual(await bed.callerOf('secret'), caller)
    await bed.pass(119_999)
    assert.deepEqual(await bed.callerOf('secret'), caller)
    assert.deepEqual(bed.asked, ['secret'])
    await bed.pass(1)
    await bed.callerOf('secret')
    assert.equal(bed.asked.length, 2)
  })

  it('are each asked about for themselves', async (test) => {
    using bed = testBed(test, async (token) => (token === 'secret' ? known : { kind: 'unknown', reason: 'no' }))
    await bed.callerOf('secret')
    await assert.rejects(bed.callerOf('secrets'), refusedWith('no'))
    assert.deepEqual(bed.asked, ['secret', 'secrets'])
  })

  it('are asked about again at once where they were not known: they may be a moment later', async (test) => {
    const verdicts: TokenVerdict[] = [{ kind: 'unknown', reason: 'not yet' }, known]
    using bed = testBed(test, async () => verdicts.shift() ?? assert.fail())
    await assert.rejects(bed.callerOf('secret'), refusedWith('not yet'))
    assert.deepEqual(await bed.callerOf('secret'), caller)
  })

  const passing = [
    new KubeletError('throttled', 'busy', { status: 429 }),
    new KubeletError('internal', 'broken', { status: 500 }),
    new KubeletError('unavailable', 'reset', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }),
  ]
  for (const failure of passing) {
    it(`are asked about again after a failure that may pass: ${failure.message}`, async (test) => {
      const failures = [failure, failure, failure, failure]
      using bed = testBed(test, async () => {
        const next = failures.shift()
        if (next !== undefined) throw next
        return known
      })
      const found = bed.callerOf('secret')
      await bed.pass(10_000)
      assert.deepEqual(await found, caller)
      assert.equal(bed.asked.length, 5)
    })
  }

  it('are given up after five tries, and are not taken for known or unknown then', async (test) => {
    using bed = testBed(test, () => Promise.reject(new KubeletError('internal', 'broken')))
    const found = bed.callerOf('secret').catch((error: unknown) => error)
    await bed.pass(10_000)
    assert.ok(KubeletError.is(await found, 'internal'))
    assert.equal(bed.asked.length, 5)
  })

  it('are given up at once where the API server is away', async (test) => {
    using bed = testBed(test, () => Promise.reject(new KubeletError('unavailable', 'refused')))
    await assert.rejects(bed.callerOf('secret'), (error) => KubeletError.is(error, 'unavailable'))
    assert.equal(bed.asked.length, 1)
  })
})

function testBed({ mock, signal }: TestContext, reviewToken: (token: string) => Promise<TokenVerdict>) {
  const clock = new StoppedClock(mock, 1_000_000)
  const asked: string[] = []
  const cluster = {
    reviewToken: (token: string) => {
      asked.push(token)
      return reviewToken(token)
    },
  }
  const tokens = new KnownTokens({ cluster, cacheTtlMs: 120_000, signal })
  return {
    asked,
    callerOf: (token: string) => tokens.callerOf(token, signal),
    pass: (ms: number) => clock.pass(ms, () => new Promise((resolve) => setImmediate(resolve))),
    [Symbol.dispose]: () => clock[Symbol.dispose](),
  }
}

function refusedWith(reason: string): (error: unknown) => boolean {
  return (error) => KubeletError.is(error, 'unauthorized') && error.message === reason
}
