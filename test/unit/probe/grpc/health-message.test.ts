import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeHealthStatus, encodeHealthCheck } from '../../../../src/probe/grpc/health-message.ts'

describe('encodeHealthCheck', () => {
  it('is an empty message for the server as a whole', () => {
    assert.equal(encodeHealthCheck('').toString('hex'), '0000000000')
  })

  it('has the name of the service as its first field, with its length as a varint', () => {
    assert.equal(encodeHealthCheck('web').toString('hex'), '00000000050a03776562')
    assert.equal(encodeHealthCheck('a'.repeat(300)).subarray(0, 8).toString('hex'), '000000012f0aac02')
  })
})

describe('decodeHealthStatus', () => {
  for (const [hex, status] of [
    ['0000000000', 'UNKNOWN'],
    ['00000000020801', 'SERVING'],
    ['00000000020802', 'NOT_SERVING'],
    ['00000000020803', 'SERVICE_UNKNOWN'],
    ['00000000020807', '7'],
    ['00000000021203', undefined],
    ['01000000020801', undefined],
    ['0000', undefined],
  ] as const) {
    it(`reads ${hex} as ${status}`, () => assert.equal(decodeHealthStatus(Buffer.from(hex, 'hex')), status))
  }
})
