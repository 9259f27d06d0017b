import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  channels,
  readMessage,
  writeMessage,
  type Channel,
} from '../../../../src/streaming/websocket/channel-messages.ts'

const binary = { base64: false, closes: false }
const base64 = { base64: true, closes: false }
const closing = { base64: false, closes: true }
const nothing = { kind: 'nothing' }

describe('A message of a channel', () => {
  it('is read as it was written, in bytes and in base64', () => {
    const anyChannel = fc.constantFrom<Channel>(0, 1, 2, 3, 4)
    fc.assert(
      fc.property(anyChannel, fc.uint8Array(), fc.constantFrom(binary, base64, closing), (channel, bytes, format) => {
        const payload = Buffer.from(bytes)
        const message = Buffer.from(writeMessage(channel, payload, format))
        assert.deepEqual(readMessage(message, format), { kind: 'data', channel, payload })
      }),
    )
  })

  it('has its channel as a byte, or as a digit before base64', () => {
    assert.deepEqual(writeMessage(channels.stdout, Buffer.from('hi'), binary), Buffer.from('\u0001hi'))
    assert.equal(writeMessage(channels.stdout, Buffer.from('hi'), base64), '1aGk=')
    assert.equal(writeMessage(channels.stdout, Buffer.alloc(0), base64), '1')
  })

  it('is dropped when it is empty, on no channel, or not base64', () => {
    assert.deepEqual(readMessage(Buffer.alloc(0), binary), nothing)
    assert.deepEqual(readMessage(Buffer.from([5, 1]), binary), nothing)
    assert.deepEqual(readMessage(Buffer.from([255, 0]), binary), nothing)
    for (const text of ['0aGk', '0!!!!', '0aGk=aGk=', '5aGk=', '/aGk=']) {
      assert.deepEqual(readMessage(Buffer.from(text), base64), nothing, text)
    }
  })

  it('closes one channel in protocol 5; with another length or channel it is a fault', () => {
    assert.deepEqual(readMessage(Buffer.from([255, 0]), closing), { kind: 'close', channel: 0 })
    assert.deepEqual(readMessage(Buffer.from([255, 4]), closing), { kind: 'close', channel: 4 })
    for (const bytes of [[255], [255, 5], [255, 255], [255, 0, 0]]) {
      assert.throws(() => readMessage(Buffer.from(bytes), closing), { code: 'invalid' }, bytes.join(' '))
    }
  })

  it('may be anything: it is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(binary, base64, closing), (bytes, format) => {
        try {
          assert.match(readMessage(Buffer.from(bytes), format).kind, /^(?:data|close|nothing)$/u)
        } catch (error) {
          assert.ok(format.closes && bytes[0] === 255, String(error))
        }
      }),
    )
  })
})
