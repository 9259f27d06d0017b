import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { Deadline } from '../../../../src/cluster/http/deadline.ts'

const { signal: never } = new AbortController()

describe('a deadline', () => {
  it('fires when its time is over, and says that it was that', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    using deadline = new Deadline(1000, never)
    t.mock.timers.tick(999)
    assert.deepEqual([deadline.signal.aborted, deadline.expired], [false, false])
    t.mock.timers.tick(1)
    assert.deepEqual([deadline.signal.aborted, deadline.expired], [true, true])
  })

  it('fires with the signal that it was given, for the same reason', () => {
    const parent = new AbortController()
    using deadline = new Deadline(1000, parent.signal)
    parent.abort('enough')
    assert.deepEqual([deadline.signal.reason, deadline.expired], ['enough', false])
    using late = new Deadline(1000, parent.signal)
    assert.equal(late.signal.reason, 'enough')
  })

  it('leaves nothing behind', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const parent = new AbortController()
    const deadline = new Deadline(1000, parent.signal)
    deadline[Symbol.dispose]()
    t.mock.timers.tick(1000)
    assert.deepEqual([deadline.signal.aborted, getEventListeners(parent.signal, 'abort')], [false, []])
  })
})
