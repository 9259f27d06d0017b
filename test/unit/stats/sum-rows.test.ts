import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { restOfRow } from '../../../src/stats/sum-rows.ts'
import type { UsageRow } from '../../../src/stats/reading.ts'
import { aRow } from '../../builders/usage.ts'

function faulty(id: string, pageFaults: number): UsageRow {
  const row = aRow(id)
  return { ...row, usage: { ...row.usage, memory: { ...row.usage.memory, pageFaults, majorPageFaults: pageFaults } } }
}

describe('What the others leave of the machine', () => {
  const whole = faulty('/', 1000)
  const part = faulty('part', 1200)
  const faultsOfRest = (hasOwnFaults: boolean): readonly number[] => {
    const { memory } = restOfRow('misc', { whole, hasOwnFaults }, [part]).usage
    return [memory.pageFaults, memory.majorPageFaults]
  }

  it('is no less than nothing', () => assert.deepEqual(faultsOfRest(false), [0, 0]))

  it('has all page faults of the root where those of other cgroups are not among them', () =>
    assert.deepEqual(faultsOfRest(true), [1000, 1000]))
})
