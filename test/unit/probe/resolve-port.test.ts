import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolvePort } from '../../../src/probe/resolve-port.ts'
import { aContainer } from '../../builders/pod.ts'

const container = aContainer({ ports: [{ name: 'web', containerPort: 8080 }, { containerPort: 9090 }] })

describe('resolvePort', () => {
  for (const [given, port] of [
    [80, 80],
    [65_535, 65_535],
    ['web', 8080],
    ['8081', 8081],
  ] as const) {
    it(`takes ${JSON.stringify(given)} for ${port}`, () => {
      assert.deepEqual(resolvePort(given, container), { kind: 'port', port })
    })
  }

  for (const [given, message] of [
    [0, 'invalid port number: 0'],
    [65_536, 'invalid port number: 65536'],
    ['70000', 'invalid port number: 70000'],
    ['http', 'strconv.Atoi: parsing "http": invalid syntax'],
    ['', 'strconv.Atoi: parsing "": invalid syntax'],
    [undefined, 'invalid port number: 0'],
  ] as const) {
    it(`says of ${JSON.stringify(given)}: ${message}`, () => {
      assert.deepEqual(resolvePort(given, container), { kind: 'unknown', message })
    })
  }
})
