import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expositionText } from '../../../src/metrics/exposition.ts'
import { gather } from '../../../src/metrics/gather.ts'
import type { MetricFamily } from '../../../src/metrics/metric-family.ts'

function gauge(name: string, samples: MetricFamily['samples'], help = 'What it is.'): MetricFamily {
  return { name, help, type: 'gauge', samples }
}

describe('The text of a scrape', () => {
  it('has what a family is, what type, and its samples, families by name', () => {
    const text = expositionText([
      gauge('b', [{ labels: [['x', 'y']], value: 2 }]),
      { name: 'a', help: 'First.', type: 'counter', samples: [{ labels: [], value: 1 }] },
    ])
    assert.equal(text, '# HELP a First.\n# TYPE a counter\na 1\n# HELP b What it is.\n# TYPE b gauge\nb{x="y"} 2\n')
  })

  it('escapes backslashes, ends of lines and quotes in values of labels, and all but quotes in the help', () => {
    const labels = [['path', 'C:\\new\n"x"']] as const
    const text = expositionText([gauge('a', [{ labels, value: 1 }], 'A \\ and\na "line".')])
    assert.equal(text, '# HELP a A \\\\ and\\na "line".\n# TYPE a gauge\na{path="C:\\\\new\\n\\"x\\""} 1\n')
  })

  it('writes what is no plain number as Go does', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1.5e9]
    const text = expositionText([
      gauge(
        'a',
        values.map((value) => ({ labels: [], value })),
      ),
    ])
    assert.deepEqual(text.split('\n').slice(2), ['a +Inf', 'a -Inf', 'a NaN', 'a 1.5e+09', ''])
  })

  it('has the whole milliseconds of when something was measured, where that is told', () => {
    const text = expositionText([gauge('a', [{ labels: [], value: 3, timestampMs: 1_790_000_000_000.7 }])])
    assert.match(text, /^a 3 1790000000000$/mu)
  })

  it('leaves out a family of which there is no sample', () => assert.equal(expositionText([gauge('a', [])]), ''))
})

describe('Gathering', () => {
  it('leaves out what fails, and waits for what takes its time', async () => {
    const told = await gather([
      () => [gauge('a', [])],
      () => {
        throw new Error('no such file')
      },
      () => Promise.reject(new Error('no such file')),
      () => Promise.resolve([gauge('b', [])]),
    ])
    assert.deepEqual(
      told.map(({ name }) => name),
      ['a', 'b'],
    )
  })
})
