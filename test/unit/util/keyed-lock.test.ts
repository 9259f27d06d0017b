import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeyedLock } from '../../../src/util/keyed-lock.ts'
import { quiet } from '../../support/quiet.ts'

describe('a lock by keys', () => {
  it('lets one at a time work on a key, in their order, and does not hold up other keys', async () => {
    const lock = new KeyedLock()
    const began: string[] = []
    const gates = new Map<string, () => void>()
    const work = (name: string) => async (): Promise<string> => {
      began.push(name)
      const { promise, resolve } = Promise.withResolvers<void>()
      gates.set(name, resolve)
      await promise
      return name
    }
    const all = [lock.run('a', work('one')), lock.run('a', work('two')), lock.run('b', work('three'))]
    await quiet()
    assert.deepEqual(began.toSorted(), ['one', 'three'])
    gates.get('one')?.()
    await quiet()
    assert.deepEqual(began.at(-1), 'two')
    gates.get('two')?.()
    gates.get('three')?.()
    assert.deepEqual(await Promise.all(all), ['one', 'two', 'three'])
  })

  it('goes on after work that failed', async () => {
    const lock = new KeyedLock()
    const failed = lock.run('a', async () => {
      throw new Error('no')
    })
    const next = lock.run('a', async () => 'yes')
    await assert.rejects(failed, { message: 'no' })
    assert.equal(await next, 'yes')
  })

  it('lets go who does not want to wait any more, and lets nobody past those who work', async () => {
    const lock = new KeyedLock()
    const first = Promise.withResolvers<void>()
    const began: string[] = []
    const one = lock.run('a', () => first.promise)
    const abort = new AbortController()
    const two = lock.run('a', async () => void began.push('two'), abort.signal)
    const three = lock.run('a', async () => void began.push('three'))
    abort.abort()
    await assert.rejects(two, { code: 'aborted' })
    await quiet()
    assert.deepEqual(began, [])
    first.resolve()
    await Promise.all([one, three])
    assert.deepEqual(began, ['three'])
  })
})
