import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goDuration } from '../../../src/util/go-duration.ts'

describe('goDuration', () => {
  const printed: readonly (readonly [milliseconds: number, text: string])[] = [
    [0, '0s'],
    [0.0005, '500ns'],
    [0.001, '1µs'],
    [0.25, '250µs'],
    [1, '1ms'],
    [1.5, '1.5ms'],
    [120, '120ms'],
    [999, '999ms'],
    [999.9999999, '1s'],
    [1000, '1s'],
    [1234.567, '1.234567s'],
    [1500, '1.5s'],
    [10_000, '10s'],
    [20_000, '20s'],
    [40_000, '40s'],
    [59_999, '59.999s'],
    [59_999.9999999, '1m0s'],
    [60_000, '1m0s'],
    [80_000, '1m20s'],
    [160_000, '2m40s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
    [3_723_456, '1h2m3.456s'],
    [360_000_000, '100h0m0s'],
    [-1500, '-1.5s'],
    [-0, '0s'],
  ]
  for (const [milliseconds, text] of printed) {
    it(`prints ${milliseconds} milliseconds as ${text}`, () => assert.equal(goDuration(milliseconds), text))
  }
})
