import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CpuRates } from '../../../src/stats/cpu-rates.ts'

const second = 1_000_000_000

describe('How much of a CPU is used', () => {
  it('is at first what has been used since it began', () => {
    assert.equal(new CpuRates().rate('a', { atMs: 12_000, totalNs: second }, 10_000), second / 2)
  })

  it('is then what was used between two looks', () => {
    const rates = new CpuRates()
    rates.rate('a', { atMs: 10_000, totalNs: second }, 0)
    assert.equal(rates.rate('a', { atMs: 20_000, totalNs: 6 * second }, 0), second / 2)
    assert.equal(rates.rate('a', { atMs: 30_000, totalNs: 6 * second }, 0), 0)
  })

  it('goes by a look that is five seconds old at least, however often somebody looks', () => {
    const rates = new CpuRates()
    rates.rate('a', { atMs: 10_000, totalNs: 0 }, 0)
    rates.rate('a', { atMs: 20_000, totalNs: 10 * second }, 0)
    for (const atMs of [21_000, 22_000, 23_000]) {
      assert.equal(
        rates.rate('a', { atMs, totalNs: 10 * second }, 0),
        Math.round((10 / (atMs - 10_000)) * 1000 * second),
      )
    }
  })

  it('goes by no look that is older than two minutes', () => {
    const rates = new CpuRates()
    rates.rate('a', { atMs: 10_000, totalNs: 0 }, 0)
    assert.equal(rates.rate('a', { atMs: 200_000, totalNs: second }, 100_000), second / 100)
  })

  it('begins anew for what has less than before, being another of that name', () => {
    const rates = new CpuRates()
    rates.rate('a', { atMs: 10_000, totalNs: 5 * second }, 0)
    assert.equal(rates.rate('a', { atMs: 20_000, totalNs: second }, 18_000), second / 2)
  })

  it('is forgotten when nobody has looked for two minutes, and not before', () => {
    const rates = new CpuRates()
    rates.rate('a', { atMs: 10_000, totalNs: 0 }, 0)
    rates.forget(130_000)
    assert.equal(rates.rate('a', { atMs: 20_000, totalNs: second }, 19_000), second / 10)
    rates.forget(140_001)
    assert.equal(rates.rate('a', { atMs: 30_000, totalNs: second }, 29_000), second)
  })

  it('is nothing for what has just begun', () => {
    assert.equal(new CpuRates().rate('a', { atMs: 10, totalNs: 5 }, 10), 0)
  })
})
