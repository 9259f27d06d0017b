import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { HeldLock } from '../../../src/shutdown/held-lock.ts'
import { Bell } from '../../../src/util/bell.ts'

/** A lock that is lost when the test says so, and given to nobody `refusals` times after the first. */
function aLock(t: TestContext, { refusals = 0, isShuttingDown = false } = {}) {
  const told: string[] = []
  const came = new Bell()
  const tell = (line: string): void => {
    told.push(line)
    came.ring()
  }
  let lost = Promise.withResolvers<void>()
  let taken = 0
  let left = refusals
  const lock = new HeldLock({
    inhibit: async () => {
      if (taken > 0 && left-- > 0) throw new KubeletError('unavailable', 'no lock')
      taken += 1
      lost = Promise.withResolvers()
      tell('taken')
      return { gone: lost.promise, [Symbol.asyncDispose]: async () => tell('let go') }
    },
    mayTake: () => !isShuttingDown,
    retryMs: [0, 0],
    log: { info: () => {}, warn: tell },
  })
  t.after(() => lock.release())
  return {
    lock,
    told,
    loses: () => lost.resolve(),
    until: async (line: string, times = 1) => {
      while (told.filter((each) => each === line).length < times) await came.wait(undefined, t.signal)
    },
  }
}

const isLost = 'The lock that has a shutdown of this machine wait for Pods is lost'
const waitsNot = 'A shutdown of this machine would not wait for Pods'

describe('the lock of a shutdown', () => {
  it('is taken anew when it is lost, until there is one, and both are told', async (t) => {
    const { lock, told, loses, until } = aLock(t, { refusals: 2 })
    await lock.take(t.signal)
    loses()
    await until('taken', 2)
    assert.deepEqual(told, ['taken', 'let go', isLost, waitsNot, waitsNot, 'taken'])
  })

  it('is not taken anew once it is let go of', async (t) => {
    const { lock, told, loses } = aLock(t)
    await lock.take(t.signal)
    await lock.release()
    loses()
    await lock.release()
    assert.deepEqual(told, ['taken', 'let go'])
  })

  it('is not asked for in the middle of a shutdown', async (t) => {
    const { lock, told, loses, until } = aLock(t, { isShuttingDown: true })
    await lock.take(t.signal)
    loses()
    await until('let go')
    await lock.release()
    assert.deepEqual(told, ['taken', 'let go'])
  })

  it('is let go of when there is another', async (t) => {
    const { lock, told } = aLock(t)
    await lock.take(t.signal)
    await lock.take(t.signal)
    assert.deepEqual(told, ['taken', 'taken', 'let go'])
  })
})
