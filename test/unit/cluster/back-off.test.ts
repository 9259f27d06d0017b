import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backOffMs, pause } from '../../../src/cluster/back-off.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const limits = { initialMs: 100, maxMs: 1000 }
const fault = new KubeletError('unavailable', 'No answer')

describe('the back-off', () => {
  it('doubles with each failure in a row, up to its end', () => {
    const longest = [1, 2, 3, 4, 5, 60].map((failures) => backOffMs(failures, fault, limits, 1))
    assert.deepEqual(longest, [100, 200, 400, 800, 1000, 1000])
  })

  it('is random between half and all of that', () => {
    assert.deepEqual(
      [0, 0.5, 1].map((random) => backOffMs(2, fault, limits, random)),
      [100, 150, 200],
    )
  })

  it('is no shorter than the server asks for', () => {
    const throttled = new KubeletError('throttled', 'Too many requests', { retryAfterSeconds: 3 })
    assert.equal(backOffMs(1, throttled, limits, 1), 3000)
  })

  it('ends at once, without an error, when the signal fires', async () => {
    const controller = new AbortController()
    const waiting = pause(3_600_000, controller.signal)
    controller.abort()
    assert.equal(await waiting, undefined)
    assert.equal(await pause(3_600_000, controller.signal), undefined)
  })
})
