import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UsageRow } from '../../../src/stats/reading.ts'
import { RecentRows } from '../../../src/stats/recent-rows.ts'
import { noDetails } from '../../../src/stats/sum-rows.ts'

function row(atMs: number): UsageRow {
  const usage = { atMs, cpu: { totalNs: 1 }, memory: { usage: 1, workingSet: 1 } } as UsageRow['usage']
  return { id: '/a', usage, nanoCores: 0, sinceMs: 0, details: noDetails, processes: 0, files: undefined }
}

describe('What was read of a cgroup a moment ago', () => {
  it('is there for whoever asks for as much or for less, and for nobody who asks for more', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 10_000 })
    const rows = new RecentRows()
    const read = rows.add('summary', row(10_000))
    assert.equal(rows.find('/a', 'summary'), read)
    assert.deepEqual(rows.find('/a', 'resources'), { ...read, details: undefined })
    assert.equal(rows.find('/a', 'metrics'), undefined)
    assert.equal(rows.find('/b', 'summary'), undefined)
  })

  it('is not there for whoever makes rates of it', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 10_000 })
    const rows = new RecentRows()
    rows.add('metrics', row(10_000))
    assert.equal(rows.find('/a', 'usage'), undefined)
  })

  it('is good for two seconds', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 10_000 })
    const rows = new RecentRows()
    rows.add('metrics', row(10_000))
    t.mock.timers.setTime(11_999)
    assert.notEqual(rows.find('/a', 'metrics'), undefined)
    t.mock.timers.setTime(12_000)
    assert.equal(rows.find('/a', 'metrics'), undefined)
  })
})
