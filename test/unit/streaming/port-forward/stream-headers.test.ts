import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forwardedStream, refusalOf } from '../../../../src/streaming/port-forward/stream-headers.ts'

function headers(given: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(given))
}

describe('A stream of a forwarded connection', () => {
  for (const [given, refusal] of [
    [{ port: '80', streamtype: 'data' }, undefined],
    [{ port: '65535', streamtype: 'error' }, undefined],
    [{ streamtype: 'data' }, '"port" header is required'],
    [{ port: '', streamtype: 'data' }, '"port" header is required'],
    [
      { port: 'http', streamtype: 'data' },
      'unable to parse "http" as a port: strconv.ParseUint: parsing "http": invalid syntax',
    ],
    [
      { port: '-1', streamtype: 'data' },
      'unable to parse "-1" as a port: strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [
      { port: '65536', streamtype: 'data' },
      'unable to parse "65536" as a port: strconv.ParseUint: parsing "65536": value out of range',
    ],
    [{ port: '0', streamtype: 'data' }, 'port "0" must be > 0'],
    [{ port: '80' }, '"streamType" header is required'],
    [{ port: '80', streamtype: 'stdin' }, 'invalid stream type "stdin"'],
  ] as const) {
    it(`${refusal === undefined ? 'is taken' : 'is refused'} with ${JSON.stringify(given)}`, () => {
      assert.equal(refusalOf(headers(given)), refusal)
    })
  }

  it('says what it belongs to', () => {
    const stream = forwardedStream(3, headers({ port: '8080', streamtype: 'data', requestid: '7' }))
    assert.deepEqual(stream, { type: 'data', port: 8080, requestId: '7' })
  })

  it('of an old client belongs to the one that came before or after it', () => {
    const error = forwardedStream(5, headers({ port: '80', streamtype: 'error' }))
    const data = forwardedStream(7, headers({ port: '80', streamtype: 'data' }))
    assert.equal(error.requestId, '5')
    assert.equal(data.requestId, error.requestId)
  })
})
