import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatResult, merged, type BenchResult, type MeasuredPart } from '../../bench/report/result.ts'
import { single } from '../../bench/report/summary.ts'
import { aRow } from './builders.ts'

const load = { cores: 2, atStart: 0.2, resting: [0.01], stolen: 0 }

function aRun(...parts: readonly MeasuredPart[]): BenchResult {
  return { at: '2026-01-02T03:04:05.000Z', machine: 'Docker 20.10', load, minutes: 2, commands: [], parts }
}

function aPart(name: string, ms: number): MeasuredPart {
  return {
    name,
    rows: [aRow({ what: name, ours: single(ms), goal: { kind: 'limit', most: 50 } })],
    notes: [`of ${name}`],
  }
}

describe('What the bench found', () => {
  it('is told with the machine, its load, the rows, what was missed and what is no row', () => {
    const text = formatResult(aRun(aPart('a', 10), aPart('b', 60)))
    assert.match(text, /^Docker 20\.10; 2\.0 minutes\nLoad at the start/u)
    assert.match(text, /\nMissed: b\n/u)
    assert.match(text, /\nof a\n\nof b$/u)
  })

  it('says of nothing that it was missed where all was reached', () => {
    assert.doesNotMatch(formatResult(aRun(aPart('a', 10))), /Missed/u)
  })

  it('of several runs is one: each part as it was measured last, and the worst of the loads', () => {
    const busy = { ...aRun(aPart('b', 3)), load: { ...load, atStart: 4, resting: [0.5] } }
    const all = merged([aRun(aPart('a', 1), aPart('b', 2)), busy])
    assert.deepEqual(
      all.parts.map(({ name, rows }) => [name, rows[0]?.ours.p50]),
      [
        ['a', 1],
        ['b', 3],
      ],
    )
    assert.deepEqual(all.load, { cores: 2, atStart: 4, resting: [0.01, 0.5], stolen: 0 })
    assert.equal(all.minutes, 4)
  })
})
