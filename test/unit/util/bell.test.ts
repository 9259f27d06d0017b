import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { Bell } from '../../../src/util/bell.ts'
import { quiet } from '../../support/quiet.ts'

const nowMs = Date.parse('2026-11-21T10:00:00Z')
const never = new AbortController().signal

/** Counts the waits that have ended. */
class Waiter {
  readonly bell = new Bell()
  ended = 0

  async wait(untilMs: number | undefined, signal = never): Promise<void> {
    void this.bell.wait(untilMs, signal).then(() => (this.ended += 1))
    await quiet()
  }
}

function stopClock(test: TestContext): void {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: nowMs })
}

describe('waiting for a bell', () => {
  it('ends at the next ring, and not before', async () => {
    const waiter = new Waiter()
    await waiter.wait(undefined)
    assert.equal(waiter.ended, 0)
    waiter.bell.ring()
    await quiet()
    assert.equal(waiter.ended, 1)
  })

  it('ends at once when it rang while nobody waited', async () => {
    const waiter = new Waiter()
    waiter.bell.ring()
    await waiter.wait(undefined)
    assert.equal(waiter.ended, 1)
  })

  it('takes rings that come together for one', async () => {
    const waiter = new Waiter()
    for (let ring = 0; ring < 3; ring += 1) waiter.bell.ring()
    await waiter.wait(undefined)
    await waiter.wait(undefined)
    assert.equal(waiter.ended, 1)
  })

  it('takes several rings of one wait for one', async () => {
    const waiter = new Waiter()
    await waiter.wait(undefined)
    waiter.bell.ring()
    waiter.bell.ring()
    await quiet()
    await waiter.wait(undefined)
    assert.equal(waiter.ended, 1)
  })

  it('ends when its time has come', async (t) => {
    stopClock(t)
    const waiter = new Waiter()
    await waiter.wait(nowMs + 1000)
    t.mock.timers.tick(999)
    await quiet()
    assert.equal(waiter.ended, 0)
    t.mock.timers.tick(1)
    await quiet()
    assert.equal(waiter.ended, 1)
  })

  it('ends at once when its time is past', async (t) => {
    stopClock(t)
    const waiter = new Waiter()
    await waiter.wait(nowMs - 1000)
    t.mock.timers.tick(1)
    await quiet()
    assert.equal(waiter.ended, 1)
  })

  it('sets no timer into the past, of which Node warns on standard error', async (t) => {
    const warned = t.mock.method(process, 'emitWarning')
    await new Bell().wait(Date.now() - 1000, never)
    assert.equal(warned.mock.callCount(), 0)
  })

  it('can last longer than a timer can: such a time does not end it at once', async (t) => {
    stopClock(t)
    const waiter = new Waiter()
    await waiter.wait(nowMs + 2 ** 40)
    t.mock.timers.tick(1000)
    await quiet()
    assert.equal(waiter.ended, 0)
  })

  it('ends with the signal, and at once when that has fired before', async () => {
    const waiter = new Waiter()
    const end = new AbortController()
    await waiter.wait(undefined, end.signal)
    end.abort()
    await quiet()
    assert.equal(waiter.ended, 1)
    await waiter.wait(undefined, end.signal)
    assert.equal(waiter.ended, 2)
  })

  it('leaves no timer and no listener behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    const before = timers()
    const waiter = new Waiter()
    const end = new AbortController()
    await waiter.wait(Date.now() + 60_000, end.signal)
    assert.equal(timers(), before + 1)
    waiter.bell.ring()
    await quiet()
    assert.equal(timers(), before)
    assert.deepEqual(getEventListeners(end.signal, 'abort'), [])
  })
})
