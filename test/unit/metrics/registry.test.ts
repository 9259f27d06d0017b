import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expositionText } from '../../../src/metrics/exposition.ts'
import type { MetricFamily } from '../../../src/metrics/metric-family.ts'
import { exponentialBuckets } from '../../../src/metrics/registry/buckets.ts'
import { Counter } from '../../../src/metrics/registry/counter.ts'
import { Gauge } from '../../../src/metrics/registry/gauge.ts'
import { Histogram } from '../../../src/metrics/registry/histogram.ts'

/** The samples alone. */
function lines(family: MetricFamily): readonly string[] {
  return expositionText([family])
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

describe('A counter', () => {
  it('without labels is there from the beginning; one with labels shows what was counted', () => {
    assert.deepEqual(lines(new Counter({ name: 'a', help: '' }).family()), ['a 0'])
    const counter = new Counter({ name: 'a', help: '', labels: ['type'] })
    assert.deepEqual(lines(counter.family()), [])
    counter.inc('x')
    counter.inc('x')
    counter.add(3, 'y')
    assert.deepEqual(lines(counter.family()), ['a{type="x"} 2', 'a{type="y"} 3'])
  })

  it('writes labels in the order of the alphabet, and series in that of their values', () => {
    const counter = new Counter({ name: 'a', help: '', labels: ['pod', 'code'] })
    counter.inc('p', '2')
    counter.inc('p', '1')
    counter.inc('a', '2')
    assert.deepEqual(lines(counter.family()), [
      'a{code="1",pod="p"} 1',
      'a{code="2",pod="a"} 1',
      'a{code="2",pod="p"} 1',
    ])
  })

  it('tells values apart whatever they contain', () => {
    const counter = new Counter({ name: 'a', help: '', labels: ['x', 'y'] })
    counter.inc('a,b', 'c')
    counter.inc('a', 'b,c')
    assert.deepEqual(lines(counter.family()), ['a{x="a",y="b,c"} 1', 'a{x="a,b",y="c"} 1'])
  })

  it('forgets what is over', () => {
    const counter = new Counter({ name: 'a', help: '', labels: ['pod', 'result'] })
    counter.inc('one', 'failed')
    counter.inc('two', 'failed')
    counter.forget(([pod]) => pod === 'one')
    assert.deepEqual(lines(counter.family()), ['a{pod="two",result="failed"} 1'])
  })

  it('says how stable it is', () => {
    const help = ['ALPHA', 'BETA'].map((stability) => `# HELP a [${stability}] Things.`)
    const alpha = new Counter({ name: 'a', help: 'Things.' })
    const beta = new Counter({ name: 'a', help: 'Things.', stability: 'BETA' })
    assert.deepEqual(
      [alpha, beta].map((counter) => expositionText([counter.family()]).split('\n')[0]),
      help,
    )
  })
})

describe('A gauge', () => {
  it('goes up and down, and is measured anew', () => {
    const gauge = new Gauge({ name: 'a', help: '', labels: ['state'] })
    gauge.add(2, 'x')
    gauge.add(-1, 'x')
    gauge.set(7, 'y')
    assert.deepEqual(lines(gauge.family()), ['a{state="x"} 1', 'a{state="y"} 7'])
    gauge.clear()
    assert.deepEqual(lines(gauge.family()), [])
  })

  it('without labels keeps its one series', () => {
    const gauge = new Gauge({ name: 'a', help: '' })
    gauge.set(4)
    gauge.clear()
    assert.deepEqual(lines(gauge.family()), ['a 4'])
  })
})

describe('A histogram', () => {
  it('counts in every bucket that the measure lies below or on, and in the infinite one', () => {
    const histogram = new Histogram({ name: 'a', help: '', buckets: [0.5, 1, 10] })
    for (const value of [0.2, 0.5, 0.7, 10, 11]) histogram.observe(value)
    assert.deepEqual(lines(histogram.family()), [
      'a_bucket{le="0.5"} 2',
      'a_bucket{le="1"} 3',
      'a_bucket{le="10"} 4',
      'a_bucket{le="+Inf"} 5',
      'a_sum 22.4',
      'a_count 5',
    ])
  })

  it('keeps each combination of labels apart', () => {
    const histogram = new Histogram({ name: 'a', help: '', labels: ['operation_type'], buckets: [1] })
    histogram.observe(2, 'sync')
    histogram.observe(1, 'create')
    assert.deepEqual(lines(histogram.family()), [
      'a_bucket{operation_type="create",le="1"} 1',
      'a_bucket{operation_type="create",le="+Inf"} 1',
      'a_sum{operation_type="create"} 1',
      'a_count{operation_type="create"} 1',
      'a_bucket{operation_type="sync",le="1"} 0',
      'a_bucket{operation_type="sync",le="+Inf"} 1',
      'a_sum{operation_type="sync"} 2',
      'a_count{operation_type="sync"} 1',
    ])
  })

  it('has the bounds that Prometheus has, and multiplies as Go does', () => {
    const bounds = lines(new Histogram({ name: 'a', help: '' }).family()).map((line) => /le="([^"]+)"/u.exec(line)?.[1])
    assert.deepEqual(bounds.slice(0, 12), [
      '0.005',
      '0.01',
      '0.025',
      '0.05',
      '0.1',
      '0.25',
      '0.5',
      '1',
      '2.5',
      '5',
      '10',
      '+Inf',
    ])
    assert.deepEqual(exponentialBuckets(0.005, 2.5, 4), [0.005, 0.0125, 0.03125, 0.078125])
  })
})
