import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readOptions } from '../../chaos/options.ts'
import { formatEnd, formatHeading, formatLog, formatRow } from '../../chaos/report/format-report.ts'
import type { RoundResult } from '../../chaos/round.ts'

const good: RoundResult = {
  seed: 41,
  fault: 'kill-agent',
  note: '',
  pods: 9,
  steps: 24,
  settledMs: 3_210,
  endedMs: 1_400,
  totalMs: 8_000,
  agent: { pid: 7, rssMb: 97.4, openFiles: 45 },
  violations: [],
  log: [],
}
const bad: RoundResult = { ...good, seed: 42, fault: 'docker-kill', violations: ['the node is not Ready'] }

describe('the report of a run', () => {
  it('has a line for each round, whose columns stand below each other', () => {
    const [heading, row] = [formatHeading(), formatRow(1, good)]
    assert.equal(
      row,
      '    1         41  kill-agent                       9     24    3.2 s    1.4 s    8.0 s    97     45  ✓',
    )
    assert.equal(heading.indexOf('fault'), row.indexOf('kill-agent'))
  })

  it('tells what is wrong below the line, and in the end how to play the round again', () => {
    assert.match(formatRow(2, bad), /✗ 1\n {6}✗ the node is not Ready$/u)
    assert.match(formatEnd([good, bad]), /1 rounds with violations.*\n.*--rounds 1 --seed 42 --fault docker-kill$/u)
    assert.equal(formatEnd([good]), '1 rounds, 1 faults: no violation')
  })

  it('tells what came of a fault that did not come to anything', () => {
    assert.match(formatRow(1, { ...good, note: 'it did not come' }), /✓ {2}\(it did not come\)$/u)
  })

  it('has the end of the log, shortened', () => {
    const lines = formatLog(Array.from({ length: 50 }, (_, index) => `${index} ${'x'.repeat(400)}`)).split('\n')
    assert.equal(lines.length, 30)
    assert.ok(lines.every((line) => line.length < 260))
    assert.match(lines.at(-1) ?? '', /^ +49 /u)
  })
})

describe('the command line', () => {
  const now = new Date('2026-11-28T08:00:00Z')

  it('says how many rounds, from which seed, with which faults', () => {
    const options = readOptions(['--rounds', '3', '--seed', '4711', '--fault', 'kill-agent,docker'], now)
    assert.deepEqual(options && [options.rounds, options.seed, options.faults], [3, 4711, ['kill-agent', 'docker']])
  })

  it('takes another seed each time if none is given', () => {
    const later = new Date(now.getTime() + 5_000)
    assert.notEqual(readOptions([], now)?.seed, readOptions([], later)?.seed)
  })

  it('refuses what is no number', () => {
    assert.throws(() => readOptions(['--rounds', 'many'], now), /--rounds "many": expected a whole number/u)
  })
})
