import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { forwardedPorts } from '../../../../src/streaming/port-forward/forwarded-ports.ts'

describe('The ports that a request for a WebSocket names', () => {
  for (const [query, ports] of [
    ['port=80', [80]],
    ['port=80&port=443&port=1', [80, 443, 1]],
    ['port=80,443&port=65535', [80, 443, 65_535]],
    ['port=80&port=80', [80, 80]],
  ] as const) {
    it(`are [${ports.join(' ')}] in ${query}`, () => {
      assert.deepEqual(forwardedPorts(new URLSearchParams(query)), ports)
    })
  }

  // As in the kubelet's own TestServePortForwardWS, and its code.
  for (const [query, message] of [
    ['', 'query parameter "port" is required'],
    ['ports=80', 'query parameter "port" is required'],
    ['port=', 'query parameter "port" cannot be empty'],
    ['port=80&port=', 'query parameter "port" cannot be empty'],
    ['port=abc', 'unable to parse "abc" as a port: strconv.ParseUint: parsing "abc": invalid syntax'],
    ['port=-1', 'unable to parse "-1" as a port: strconv.ParseUint: parsing "-1": invalid syntax'],
    ['port=65536', 'unable to parse "65536" as a port: strconv.ParseUint: parsing "65536": value out of range'],
    ['port=80,', 'unable to parse "80," as a port: strconv.ParseUint: parsing "": invalid syntax'],
    ['port=80,http', 'unable to parse "80,http" as a port: strconv.ParseUint: parsing "http": invalid syntax'],
    ['port=0', 'port "0" must be > 0'],
    ['port=1,0', 'port "1,0" must be > 0'],
    [`port=${Array.from({ length: 129 }, () => 80).join(',')}`, 'a WebSocket has channels for 128 ports, not for 129'],
  ] as const) {
    it(`are refused in "${query.slice(0, 20)}"`, () => {
      assert.throws(
        () => forwardedPorts(new URLSearchParams(query)),
        (error) => KubeletError.is(error, 'invalid') && error.status === 400 && error.message === message,
      )
    })
  }
})
