import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rfc3339 } from '../../../src/status/rfc3339.ts'

describe('rfc3339', () => {
  for (const [ms, text] of [
    [Date.UTC(2026, 10, 21, 10, 0, 0, 999), '2026-11-21T10:00:00Z'],
    [0, '1970-01-01T00:00:00Z'],
    [Date.parse('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00Z'],
  ] as const) {
    it(`prints whole seconds in UTC: ${text}`, () => assert.equal(rfc3339(ms), text))
  }
})
