import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadLines, parseCpuTimes, shares, type MachineLoad } from '../../bench/report/machine-load.ts'

const quiet: MachineLoad = { cores: 2, atStart: 0.5, resting: [0.02, 0.05], stolen: 0.01 }

describe("The machine's load beside the bench", () => {
  it('is read from the first line of /proc/stat: work, waiting and what others took apart', () => {
    const text = 'cpu  10 1 20 100 5 2 3 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n'
    assert.deepEqual(parseCpuTimes(text), { busy: 36, stolen: 7, all: 148 })
  })

  it('is the share of the time between two moments', () => {
    const from = { busy: 100, stolen: 10, all: 1000 }
    assert.deepEqual(shares(from, { busy: 150, stolen: 12, all: 1200 }), { busy: 0.25, stolen: 0.01 })
  })

  it('is no share at all when no time has passed', () => {
    const at = { busy: 1, stolen: 1, all: 1 }
    assert.deepEqual(shares(at, at), { busy: 0, stolen: 0 })
  })

  it('is told in one line where the machine was quiet', () => {
    assert.deepEqual(loadLines(quiet), [
      'Load at the start 0.50 on 2 cores; busy while the bench rested 2.0 % at first, 5.0 % at most; stolen 1.0 %',
    ])
  })

  for (const [title, more] of Object.entries({
    'work of others while the bench rested': { resting: [0.01, 0.3] },
    'time that other machines took': { stolen: 0.05 },
    'a load from before': { atStart: 1.5 },
  })) {
    it(`brings a warning for ${title}`, () => {
      assert.match(loadLines({ ...quiet, ...more }).at(-1) ?? '', /^WARNING: this machine was not quiet/u)
    })
  }
})
