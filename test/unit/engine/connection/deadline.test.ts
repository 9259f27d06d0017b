import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { withDeadline } from '../../../../src/engine/connection/deadline.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const never = (): Promise<never> => new Promise(() => {})

describe('withDeadline', () => {
  it('gives the answer of a call that is in time, and leaves nothing behind', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const before = getEventListeners(test.signal, 'abort').length
    const call = async (inner: AbortSignal): Promise<AbortSignal> => inner
    const inner = await withDeadline({ what: 'Ask', deadlineMs: 2000 }, call, test.signal)
    assert.equal(getEventListeners(test.signal, 'abort').length, before)
    // A stream is read after the call that opened it.
    test.mock.timers.tick(2000)
    assert.equal(inner.aborted, false)
  })

  it('throws what the call throws', async ({ signal }) => {
    const error = new Error('no')
    await assert.rejects(
      withDeadline({ what: 'Ask', deadlineMs: 60_000 }, () => Promise.reject(error), signal),
      error,
    )
  })

  it('throws unavailable when the time is over, even if the call does not care, and tells it', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const heard: AbortSignal[] = []
    const call = (inner: AbortSignal): Promise<never> => {
      heard.push(inner)
      return never()
    }
    const promise = withDeadline({ what: 'Ask', deadlineMs: 2000 }, call, test.signal)
    test.mock.timers.tick(2000)
    await assert.rejects(promise, new KubeletError('unavailable', 'Ask: Docker has not answered for 2 s'))
    assert.deepEqual(
      heard.map(({ aborted }) => aborted),
      [true],
    )
  })

  it('has no end for a call that may last for ever, or longer than a timer', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    for (const deadlineMs of [Number.POSITIVE_INFINITY, 2 ** 31]) {
      const answer = Promise.withResolvers<string>()
      const promise = withDeadline({ what: 'Ask', deadlineMs }, () => answer.promise, test.signal)
      test.mock.timers.tick(1)
      answer.resolve('late')
      assert.equal(await promise, 'late')
    }
  })

  it('throws aborted, with the reason, when the signal fires and when it has fired before', async () => {
    const controller = new AbortController()
    const promise = withDeadline({ what: 'Ask', deadlineMs: 60_000 }, never, controller.signal)
    const reason = new Error('stopping')
    controller.abort(reason)
    const error = new KubeletError('aborted', 'The call to Docker was aborted', { cause: reason })
    await assert.rejects(promise, error)
    await assert.rejects(
      withDeadline({ what: 'Ask', deadlineMs: 60_000 }, async () => 1, controller.signal),
      error,
    )
  })
})
