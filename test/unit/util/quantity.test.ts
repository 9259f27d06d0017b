import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesQuantity, formatQuantity, milliUnits, parseQuantity, wholeUnits } from '../../../src/util/quantity.ts'

describe('parseQuantity', () => {
  const quantities: Readonly<Record<string, bigint | undefined>> = {
    '0': 0n,
    '1': 1_000_000_000n,
    '+1': 1_000_000_000n,
    '-1': -1_000_000_000n,
    '1.5': 1_500_000_000n,
    '.5': 500_000_000n,
    '5.': 5_000_000_000n,
    '100m': 100_000_000n,
    '1n': 1n,
    '0.1n': 1n,
    '-0.1n': -1n,
    '2k': 2_000_000_000_000n,
    '1Ki': 1_024_000_000_000n,
    '1.5Gi': 1_610_612_736_000_000_000n,
    '2e3': 2_000_000_000_000n,
    '2E3': 2_000_000_000_000n,
    '1E': 1_000_000_000_000_000_000_000_000_000n,
    '5e-1': 500_000_000n,
    '1K': undefined,
    '1 Gi': undefined,
    '1mi': undefined,
    '': undefined,
    '.': undefined,
    m: undefined,
    '1e': undefined,
    '1e9999': undefined,
    '--1': undefined,
  }
  for (const [text, nano] of Object.entries(quantities)) {
    it(`reads "${text}" as ${nano === undefined ? 'no quantity' : `${nano} billionths`}`, () => {
      assert.equal(parseQuantity(text)?.nano, nano)
    })
  }
})

describe('formatQuantity', () => {
  const canonical: Readonly<Record<string, string>> = {
    '0': '0',
    '0Ki': '0',
    '1': '1',
    '1.5': '1500m',
    '1000m': '1',
    '1500m': '1500m',
    '2000': '2k',
    '1024': '1024',
    '1024Mi': '1Gi',
    '1.5Gi': '1536Mi',
    '1023Ki': '1023Ki',
    '0.5Ki': '512',
    '0.5Mi': '512Ki',
    '0.0001Ki': '102400u',
    '1000Ki': '1000Ki',
    '2e3': '2e3',
    '1e0': '1',
    '-1024Ki': '-1Mi',
    '100M': '100M',
    '123456789': '123456789',
  }
  for (const [text, printed] of Object.entries(canonical)) {
    it(`prints ${text} as ${printed}`, () => {
      const quantity = parseQuantity(text)
      assert.ok(quantity)
      assert.equal(formatQuantity(quantity), printed)
    })
  }

  it('prints what it can read back', () => {
    for (const text of Object.values(canonical)) {
      const quantity = parseQuantity(text)
      assert.ok(quantity)
      assert.equal(formatQuantity(quantity), text)
    }
  })

  it('prints bytes with the largest unit that fits', () => {
    assert.deepEqual(
      [8_242_196 * 1024, 1024 ** 3, 1000, 1025].map((bytes) => formatQuantity(bytesQuantity(bytes))),
      ['8242196Ki', '1Gi', '1k', '1025'],
    )
  })
})

describe('units', () => {
  it('are rounded away from zero', () => {
    const quantities = ['1500m', '-1500m', '1', '1n'].map((text) => parseQuantity(text))
    assert.deepEqual(
      quantities.map((quantity) => quantity && [wholeUnits(quantity), milliUnits(quantity)]),
      [
        [2n, 1500n],
        [-2n, -1500n],
        [1n, 1000n],
        [1n, 1n],
      ],
    )
  })
})
