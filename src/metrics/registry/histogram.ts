import { goFloat } from '../../util/go-float.ts'
import type { MetricFamily, MetricSample } from '../metric-family.ts'
import { defaultBuckets } from './buckets.ts'
import { Labelled, type MetricOptions } from './labelled.ts'

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds, ascending, without the infinite one. Default: Prometheus' own, from 5 ms to 10 s. */
  readonly buckets?: readonly number[]
}

interface Distribution {
  /** How many came into each bucket and no lower one; the last is the infinite one's. */
  readonly counts: number[]
  sum: number
}

/** How often a measure came to lie below each of some bounds. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #series: Labelled<Distribution>

  constructor({ buckets = defaultBuckets, ...options }: HistogramOptions) {
    this.#bounds = buckets
    this.#series = new Labelled(options, () => ({
      counts: Array.from({ length: buckets.length + 1 }, () => 0),
      sum: 0,
    }))
  }

  observe(value: number, ...labels: readonly string[]): void {
    const distribution = this.#series.of(labels)
    let index = 0
    while (index < this.#bounds.length && value > (this.#bounds[index] ?? 0)) index += 1
    distribution.counts[index] = (distribution.counts[index] ?? 0) + 1
    distribution.sum += value
  }

  /** See Labelled.forget. */
  forget(isOver: (values: readonly string[]) => boolean): void {
    this.#series.forget(isOver)
  }

  family(): MetricFamily {
    const { name, help } = this.#series
    return { name, help, type: 'histogram', samples: this.#samples() }
  }

  /** Buckets are cumulative, and the infinite one is the count. */
  #samples(): readonly MetricSample[] {
    return this.#series.all().flatMap(({ labels, state: { counts, sum } }) => {
      let count = 0
      const buckets = [...this.#bounds, Number.POSITIVE_INFINITY].map((bound, index): MetricSample => {
        count += counts[index] ?? 0
        return { suffix: '_bucket', labels: [...labels, ['le', goFloat(bound)]], value: count }
      })
      return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }]
    })
  }
}
