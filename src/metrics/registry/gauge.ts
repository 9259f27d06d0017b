import type { MetricFamily } from '../metric-family.ts'
import { Labelled, type MetricOptions } from './labelled.ts'

/** What goes up and down. */
export class Gauge {
  readonly #series: Labelled<{ value: number }>

  constructor(options: MetricOptions) {
    this.#series = new Labelled(options, () => ({ value: 0 }))
  }

  set(value: number, ...labels: readonly string[]): void {
    this.#series.of(labels).value = value
  }

  /** `by` may be negative. */
  add(by: number, ...labels: readonly string[]): void {
    this.#series.of(labels).value += by
  }

  /** Forgets every series that has labels: whoever measures all of them anew begins with this. */
  clear(): void {
    this.#series.clear()
  }

  family(): MetricFamily {
    const { name, help } = this.#series
    const samples = this.#series.all().map(({ labels, state }) => ({ labels, value: state.value }))
    return { name, help, type: 'gauge', samples }
  }
}
