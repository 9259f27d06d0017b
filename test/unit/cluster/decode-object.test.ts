import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decodePod,
  decodeWatchLine,
  requireLease,
  requirePod,
  requireToken,
} from '../../../src/cluster/decode-object.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'
import { aPod } from '../../builders/pod.ts'

const pod = aPod()

describe('a Pod of the API server', () => {
  it('is taken as it is, without its managed fields', () => {
    const raw = { ...pod, metadata: { ...pod.metadata, managedFields: [{ manager: 'kubectl' }] } }
    assert.deepEqual(decodePod(raw), pod)
  })

  it('is refused in words when it lacks what every Pod has', () => {
    const { uid: _, ...metadata } = pod.metadata
    assert.equal(decodePod({ ...pod, metadata }), 'it has no metadata.uid')
    assert.equal(decodePod({ ...pod, spec: {} }), 'it has no spec.containers')
    assert.equal(decodePod({ ...pod, metadata: { ...metadata, uid: 7 } }), 'it has no metadata.uid')
    assert.equal(decodePod('web'), 'it is not an object')
  })

  it('is an error where nothing else makes sense', () => {
    assert.throws(
      () => requirePod('get Pod "a/b"', { kind: 'Status' }),
      fault('internal', /^Cannot get Pod "a\/b": .*metadata\.name$/),
    )
  })
})

describe('a line of a watch', () => {
  const decode = (line: unknown): unknown => decodeWatchLine('watch', line, decodePod)

  it('is a Pod that was set, for one that came and for one that changed', () => {
    assert.deepEqual(decode({ type: 'ADDED', object: pod }), { kind: 'set', object: pod })
    assert.deepEqual(decode({ type: 'MODIFIED', object: pod }), { kind: 'set', object: pod })
  })

  it('is a Pod that is gone', () => {
    assert.deepEqual(decode({ type: 'DELETED', object: pod }), { kind: 'deleted', object: pod })
  })

  it('is a place to go on from, of which nothing else is read', () => {
    const bookmark = {
      type: 'BOOKMARK',
      object: { kind: 'Pod', metadata: { resourceVersion: '7' }, spec: { containers: null } },
    }
    assert.deepEqual(decode(bookmark), { kind: 'bookmark', resourceVersion: '7' })
    assert.equal(decode({ type: 'BOOKMARK', object: {} }), undefined)
  })

  it('is an error that the server tells of', () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' }
    const message = /^Cannot watch: too old resource version: 1 \(9\) \(HTTP 410\)$/
    assert.throws(() => decode({ type: 'ERROR', object: status }), fault('gone', message))
  })

  it('is refused in words for what is no Pod, and nothing for what is no line', () => {
    assert.equal(decode({ type: 'ADDED', object: {} }), 'it has no metadata.name')
    assert.equal(decode({ type: 'NOVELTY', object: pod }), undefined)
    assert.equal(decode(null), undefined)
  })
})

describe('another object of the API server', () => {
  it('is taken at its word when it has a name, and is an error when not', () => {
    const lease = { metadata: { name: 'node-1' } }
    assert.equal(requireLease('get a lease', lease), lease)
    assert.throws(() => requireLease('get a lease', {}), fault('internal', /^Cannot get a lease: .*metadata\.name$/))
  })
})

describe('a token of the API server', () => {
  const spec = { expirationSeconds: 3607 }
  const status = { token: 'jwt', expirationTimestamp: '2026-11-21T10:00:00Z' }

  it('comes with how long it is good', () => {
    assert.deepEqual(requireToken('ask', { spec, status }), { token: 'jwt', lifetimeSeconds: 3607 })
  })

  it('is an error where one of the two is missing: nobody would know when it is to be renewed', () => {
    for (const answer of [undefined, {}, { status }, { spec }, { spec, status: { token: '' } }]) {
      assert.throws(() => requireToken('ask', answer), fault('internal', /^Cannot ask: .* no token and how long/))
    }
  })
})

function fault(code: ErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(KubeletError.is(error, code), String(error))
    assert.match(error.message, message)
    return true
  }
}
