import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventName, makeEvent } from '../../../../src/cluster/events/make-event.ts'

const atNanos = BigInt(Date.UTC(2026, 10, 21, 10, 0, 0, 123)) * 1_000_000n
const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'web', name: 'nginx', uid: 'uid-1' }

describe('an event', () => {
  it('is what the kubelet would send', () => {
    assert.deepEqual(
      makeEvent({ object, type: 'Normal', reason: 'Started', message: 'Container started' }, 'node-1', atNanos),
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'nginx.18ea0717c48114c0', namespace: 'web' },
        involvedObject: object,
        type: 'Normal',
        reason: 'Started',
        message: 'Container started',
        source: { component: 'kubelet', host: 'node-1' },
        count: 1,
        firstTimestamp: '2026-11-21T10:00:00Z',
        lastTimestamp: '2026-11-21T10:00:00Z',
        reportingComponent: 'kubelet',
        reportingInstance: 'node-1',
      },
    )
  })

  it('has the annotations that it is given', () => {
    const annotations = { starved_resource: 'memory' }
    const record = { object, type: 'Warning', reason: 'Evicted', message: 'No room. ', annotations } as const
    assert.deepEqual(makeEvent(record, 'node-1', atNanos).metadata.annotations, annotations)
  })

  it('of a node is kept in the default namespace', () => {
    const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'node-1' }
    const event = makeEvent(
      { object: node, type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' },
      'node-1',
      atNanos,
    )
    assert.deepEqual(event.metadata.namespace, 'default')
  })

  it('of an object with a long name gets a name of its own', () => {
    assert.equal(eventName('n'.repeat(236), 1n << 60n).length, 253)
    assert.match(eventName('n'.repeat(237), 1n << 60n), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
})
