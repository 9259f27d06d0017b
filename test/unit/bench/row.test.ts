import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMissed, ratio, verdict } from '../../bench/report/row.ts'
import { single, summarize } from '../../bench/report/summary.ts'
import { aRow } from './builders.ts'

describe('A row of the bench', () => {
  it('compares medians with Docker alone', () => {
    const row = aRow({ raw: single(200) })
    assert.equal(ratio(row.ours, row), 1.25)
  })

  it('compares with nothing where Docker alone was not measured', () => {
    assert.equal(ratio(single(1), aRow()), undefined)
  })

  it('reaches a goal that is a ratio, up to and including it', () => {
    const raw = single(200)
    assert.equal(verdict(aRow({ raw, goal: { kind: 'ratio', most: 1.25 } })).goal, 'reached')
    assert.equal(verdict(aRow({ raw, goal: { kind: 'ratio', most: 1.24 } })).goal, 'missed')
  })

  it('reaches no ratio when there is nothing to compare with', () => {
    assert.equal(verdict(aRow({ goal: { kind: 'ratio', most: 2 } })).goal, undefined)
  })

  it('is judged by its 95th percentile where it says so', () => {
    const row = aRow({ ours: summarize([1, 1, 1, 100]), judged: 'p95', goal: { kind: 'limit', most: 50 } })
    assert.equal(verdict(row).goal, 'missed')
    assert.equal(verdict({ ...row, judged: 'p50' }).goal, 'reached')
  })

  it('beats the real kubelet only when it is better', () => {
    assert.equal(verdict(aRow({ peer: single(251) })).peer, 'beaten')
    assert.equal(verdict(aRow({ peer: single(250) })).peer, 'not beaten')
    assert.equal(verdict(aRow()).peer, undefined)
  })

  it('asks for an explanation when it misses its goal, or when the real kubelet is no worse', () => {
    assert.equal(isMissed(aRow()), false)
    assert.equal(isMissed(aRow({ goal: { kind: 'limit', most: 1 } })), true)
    assert.equal(isMissed(aRow({ peer: single(1) })), true)
  })

  it('that only says more of another one need not beat anybody', () => {
    assert.equal(isMissed(aRow({ peer: single(1), isDetail: true })), false)
  })
})
