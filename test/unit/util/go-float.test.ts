import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goFloat } from '../../../src/util/go-float.ts'

describe('goFloat', () => {
  const printed: readonly (readonly [value: number, text: string])[] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1, '-1'],
    [0.005, '0.005'],
    [2.5, '2.5'],
    [0.1953125, '0.1953125'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.000012345, '1.2345e-05'],
    [999_999, '999999'],
    [999_999.5, '999999.5'],
    [1_000_000, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [31_104_000, '3.1104e+07'],
    [1_790_000_000.25, '1.79000000025e+09'],
    [-2_592_000, '-2.592e+06'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ]
  for (const [value, text] of printed) it(`prints ${value} as ${text}`, () => assert.equal(goFloat(value), text))
})
