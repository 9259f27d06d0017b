import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chart } from '../../bench/report/chart.ts'
import { panelsOf } from '../../bench/report/chart-panels.ts'
import type { BenchResult } from '../../bench/report/result.ts'
import type { Row } from '../../bench/report/row.ts'
import { single, summarize } from '../../bench/report/summary.ts'
import { element } from '../../bench/report/svg.ts'
import { aRow } from './builders.ts'

const timed = aRow({ raw: single(200), peer: single(1000), goal: { kind: 'ratio', most: 1.15 } })
const limited = aRow({ what: 'memory', unit: 'MB', ours: single(95), goal: { kind: 'limit', most: 100 } })
const compared = aRow({ what: 'restarted', peer: single(500) })

function result(rows: readonly Row[]): BenchResult {
  const load = { cores: 2, atStart: 0, resting: [], stolen: 0 }
  const parts = [{ name: 'single', rows, notes: [] }]
  return { at: '2026-01-02T03:04:05.000Z', machine: 'Docker <20>', load, minutes: 1, commands: [], parts }
}

describe('The chart', () => {
  it('has times beside Docker alone, figures beside their goals, and the rest beside the real kubelet', () => {
    const panels = panelsOf([timed, limited, compared, aRow({ what: 'alone' })])
    assert.deepEqual(
      panels.map(({ rows }) => rows.map(({ what }) => what)),
      [['created → Ready'], ['memory'], ['restarted']],
    )
  })

  it('draws medians and spreads in multiples of what counts as 1', () => {
    const [panel] = panelsOf([timed])
    const [row] = panel?.rows ?? []
    assert.deepEqual(row?.marks, [
      { kind: 'ours', low: 1.025, middle: 1.25, high: 1.475 },
      { kind: 'peer', low: 5, middle: 5, high: 5 },
      { kind: 'raw', low: 1, middle: 1, high: 1 },
    ])
    assert.equal(row.goal, 1.15)
    assert.equal(row.says, '0.250 s (1.25 ×) · 1.000 s')
  })

  it('has room for the smallest and for the largest on its axis', () => {
    const [panel] = panelsOf([aRow({ raw: single(200), peer: single(14_000), ours: summarize([40, 60]) })])
    assert.deepEqual([panel?.from, panel?.to], [0.2, 100])
  })

  it('leaves out details, and what was nought', () => {
    assert.deepEqual(
      panelsOf([
        { ...timed, isDetail: true },
        { ...limited, ours: single(0) },
      ]),
      [],
    )
  })

  it('is one SVG with every row as text, for light and for dark', () => {
    const text = chart(result([timed, limited, compared]))
    assert.match(text, /^<svg [^>]*viewBox="0 0 \d+ \d+"/u)
    assert.match(text, /prefers-color-scheme: dark/u)
    for (const what of ['created → Ready', 'memory', 'restarted', 'Docker &#60;20&#62;', '2026-01-02']) {
      assert.ok(text.includes(what), what)
    }
    assert.doesNotMatch(text, /NaN|undefined|Infinity/u)
  })

  it('closes every element that it opens', () => {
    const open: string[] = []
    for (const [, slash, name = '', end] of chart(result([timed])).matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gu)) {
      if (slash === '/') assert.equal(open.pop(), name)
      else if (end !== '/') open.push(name)
    }
    assert.deepEqual(open, [])
  })

  it('writes attributes so that nothing in them ends them', () => {
    assert.equal(element('a', { b: '"<&', c: 1.26 }), '<a b="&#34;&#60;&#38;" c="1.3"/>')
  })
})
