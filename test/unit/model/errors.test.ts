import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'

describe('KubeletError', () => {
  it('keeps what is known of the failure', () => {
    const cause = new Error('socket hang up')
    const error = new KubeletError('throttled', 'Slow down', { cause, status: 429, retryAfterSeconds: 3 })
    const { name, code, message, status, retryAfterSeconds } = error
    assert.deepEqual(
      { name, code, message, status, retryAfterSeconds, cause: error.cause },
      { name: 'KubeletError', code: 'throttled', message: 'Slow down', status: 429, retryAfterSeconds: 3, cause },
    )
  })

  it('has no cause, not even an undefined one, where there is none', () => {
    assert.equal(Object.hasOwn(new KubeletError('internal', 'x'), 'cause'), false)
  })

  it('is recognised by its code', () => {
    const error = new KubeletError('not-found', 'gone')
    assert.equal(KubeletError.is(error, 'conflict', 'not-found'), true)
    assert.equal(KubeletError.is(error, 'conflict'), false)
    assert.equal(KubeletError.is(error), false)
    assert.equal(KubeletError.is(Object.assign(new Error('fake'), { code: 'not-found' }), 'not-found'), false)
    assert.equal(KubeletError.is(undefined, 'not-found'), false)
  })
})

describe('KubeletError.from', () => {
  it('returns one of ours as it is', () => {
    const error = new KubeletError('gone', 'too old')
    assert.equal(KubeletError.from(error), error)
  })

  it('knows an abort by its name', () => {
    const abort = new DOMException('This operation was aborted', 'AbortError')
    const error = KubeletError.from(abort)
    assert.deepEqual([error.code, error.message, error.cause], ['aborted', 'This operation was aborted', abort])
  })

  const thrown: readonly (readonly [title: string, value: unknown, message: string])[] = [
    ['another error', new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'boom', 'boom'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { code: 1 }, '[object Object]'],
  ]
  for (const [title, value, message] of thrown) {
    it(`makes an internal error of ${title}, and keeps it`, () => {
      const error = KubeletError.from(value)
      assert.deepEqual([error.code, error.message], ['internal', message])
      assert.deepEqual(error.cause, value)
    })
  }
})
