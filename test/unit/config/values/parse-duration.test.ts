import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDuration } from '../../../../src/config/values/parse-duration.ts'

describe('parseDuration', () => {
  const durations: Readonly<Record<string, number | undefined>> = {
    '10s': 10_000,
    '1m30s': 90_000,
    '1.5h': 5_400_000,
    '.5s': 500,
    '300ms': 300,
    '2us': 0.002,
    '2µs': 0.002,
    '+1s': 1_000,
    '-1s': -1_000,
    '0': 0,
    '10': undefined,
    '10 s': undefined,
    '1d': undefined,
    s: undefined,
    '': undefined,
    '-': undefined,
  }
  for (const [text, milliseconds] of Object.entries(durations)) {
    it(`reads "${text}" as ${milliseconds ?? 'no duration'}`, () => {
      assert.equal(parseDuration(text), milliseconds)
    })
  }
})
