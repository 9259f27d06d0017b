import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parts, readOptions, usage } from '../../bench/options.ts'

describe("The bench's command line", () => {
  it('measures every part without the real kubelet when nothing is said', () => {
    const options = readOptions([])
    assert.deepEqual([...(options?.only ?? [])], parts)
    assert.equal(options?.peer, false)
    assert.deepEqual(options.pods, [10, 40, 100])
    assert.equal(options.chart, undefined)
  })

  it('takes parts, numbers and lists of numbers', () => {
    const options = readOptions(['--only', 'single,churn', '--minutes', '60', '--pods', '5,7'])
    assert.deepEqual([...(options?.only ?? [])], ['single', 'churn'])
    assert.equal(options?.minutes, 60)
    assert.deepEqual(options.pods, [5, 7])
  })

  it('puts the chart beside the JSON, unless it is wanted elsewhere', () => {
    assert.equal(readOptions(['--json', 'a/run.json'])?.chart, 'a/run.svg')
    assert.equal(readOptions(['--json', 'run', '--chart', 'docs/bench.svg'])?.chart, 'docs/bench.svg')
  })

  it('says what is wrong with what it cannot take', () => {
    assert.throws(() => readOptions(['--rounds', '0']), /--rounds "0": expected a whole number from 1 on/u)
    assert.throws(() => readOptions(['--pods', '10,x']), /--pods "x"/u)
    assert.throws(() => readOptions(['--only', 'singel']), /--only "singel": expected some of single, /u)
  })

  it('explains every flag when it is asked for help', () => {
    assert.equal(readOptions(['--help']), undefined)
    for (const flag of ['--peer', '--only', '--json', '--pods', '--minutes']) assert.match(usage, new RegExp(flag, 'u'))
  })
})
