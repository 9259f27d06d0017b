import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventCorrelator, type EventDecision } from '../../../../src/cluster/events/event-correlator.ts'
import { makeEvent, type EventRecord } from '../../../../src/cluster/events/make-event.ts'

const startMs = Date.UTC(2026, 10, 21, 10)
const base: EventRecord = {
  object: { apiVersion: 'v1', kind: 'Pod', namespace: 'web', name: 'nginx', uid: 'uid-1' },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
}

/** Correlates one event after the other, `seconds` after the start. */
function correlating(): (seconds: number, change?: Partial<EventRecord>) => EventDecision {
  const correlator = new EventCorrelator()
  return (seconds, change = {}) => {
    const nowMs = startMs + seconds * 1000
    const event = makeEvent({ ...base, ...change }, 'node-1', BigInt(nowMs) * 1_000_000n)
    return correlator.correlate(event, nowMs)
  }
}

function summary(decision: EventDecision): string {
  return decision.kind === 'drop'
    ? 'drop'
    : `${decision.kind} ${decision.event.count ?? ''} ${decision.event.message ?? ''}`
}

describe('the correlation of events', () => {
  it('creates an event that it sees for the first time', () => {
    const decision = correlating()(0)
    assert.deepEqual(decision, { kind: 'create', event: makeEvent(base, 'node-1', BigInt(startMs) * 1_000_000n) })
  })

  it('counts up the same event under its first name and with its first time', () => {
    const next = correlating()
    next(0)
    const decision = next(5)
    const first = makeEvent(base, 'node-1', BigInt(startMs) * 1_000_000n)
    const lastTimestamp = '2026-11-21T10:00:05Z'
    assert.deepEqual(decision, {
      kind: 'patch',
      event: { ...first, count: 2, lastTimestamp },
      patch: { count: 2, lastTimestamp, message: base.message },
    })
  })

  it('tells apart events that differ in place, reason, type or object', () => {
    const next = correlating()
    const places: readonly Partial<EventRecord>[] = [
      {},
      { object: { ...base.object, fieldPath: 'spec.containers{main}' } },
      { reason: 'Failed' },
      { type: 'Normal' },
      { object: { ...base.object, uid: 'uid-2' } },
      { message: 'another' },
    ]
    assert.deepEqual(
      places.map((change) => next(0, change).kind),
      places.map(() => 'create'),
    )
  })

  it('combines the tenth different message of a kind, and those after it, into one event', () => {
    const next = correlating()
    const decisions = Array.from({ length: 12 }, (_, index) => next(index, { message: `try ${index + 1}` }))
    assert.deepEqual(decisions.map(summary).slice(8), [
      'create 1 try 9',
      'create 1 (combined from similar events): try 10',
      'patch 2 (combined from similar events): try 11',
      'patch 3 (combined from similar events): try 12',
    ])
  })

  it('does not combine a message that is repeated lately', () => {
    const next = correlating()
    for (let index = 1; index <= 10; index += 1) next(index, { message: `try ${index}` })
    assert.equal(summary(next(11, { message: 'try 9' })), 'patch 2 try 9')
  })

  it('does not combine messages of which ten minutes passed in between', () => {
    const next = correlating()
    for (let index = 0; index < 9; index += 1) next(index, { message: `try ${index}` })
    assert.equal(summary(next(8 + 601, { message: 'late' })), 'create 1 late')
  })

  it('drops what comes after 25 events of an object, and lets one through each five minutes', () => {
    const next = correlating()
    const kinds = Array.from({ length: 27 }, () => next(0).kind)
    assert.deepEqual(kinds.slice(23), ['patch', 'patch', 'drop', 'drop'])
    assert.deepEqual([next(299).kind, next(301).kind, next(302).kind], ['drop', 'patch', 'drop'])
  })

  it('measures the Normal and the Warning events of an object apart', () => {
    const next = correlating()
    for (let index = 0; index < 26; index += 1) next(0)
    assert.deepEqual([next(0).kind, next(0, { type: 'Normal' }).kind], ['drop', 'create'])
  })
})
