import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeMessage, encodeCall, messageLength } from '../../../src/shutdown/dbus/message.ts'

const call = {
  destination: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
}

describe('a message of D-Bus', () => {
  it('is read as it was written', () => {
    const bytes = encodeCall(
      {
        ...call,
        args: [
          { type: 's', value: 'Grüße' },
          { type: 'i', value: -2 },
        ],
      },
      7,
    )
    assert.equal(messageLength(bytes), bytes.length)
    const { kind, path, interface: of, member, body } = decodeMessage(bytes)
    assert.deepEqual(
      { kind, path, of, member, body },
      {
        kind: 'call',
        path: call.path,
        of: call.interface,
        member: 'Get',
        body: ['Grüße', -2],
      },
    )
  })

  it('is one without a body where there are no arguments', () => {
    const bytes = encodeCall(call, 1)
    assert.equal(bytes.readUInt32LE(4), 0)
    assert.deepEqual(decodeMessage(bytes).body, [])
  })

  it('has a length as soon as its first 16 bytes are there', () => {
    const bytes = encodeCall(call, 1)
    assert.equal(messageLength(bytes.subarray(0, 15)), undefined)
    assert.equal(messageLength(bytes.subarray(0, 16)), bytes.length)
  })

  it('is refused where it is cut off, or none at all', () => {
    const bytes = encodeCall({ ...call, args: [{ type: 's', value: 'shutdown' }] }, 1)
    assert.throws(() => decodeMessage(bytes.subarray(0, bytes.length - 4)))
    assert.throws(() => decodeMessage(Buffer.alloc(64)), /no message of type 0/u)
  })
})
