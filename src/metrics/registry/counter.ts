import type { MetricFamily } from '../metric-family.ts'
import { Labelled, type MetricOptions } from './labelled.ts'

/** What only grows. */
export class Counter {
  readonly #series: Labelled<{ value: number }>

  constructor(options: MetricOptions) {
    this.#series = new Labelled(options, () => ({ value: 0 }))
  }

  inc(...labels: readonly string[]): void {
    this.#series.of(labels).value += 1
  }

  add(by: number, ...labels: readonly string[]): void {
    this.#series.of(labels).value += by
  }

  /** See Labelled.forget. */
  forget(isOver: (values: readonly string[]) => boolean): void {
    this.#series.forget(isOver)
  }

  family(): MetricFamily {
    const { name, help } = this.#series
    const samples = this.#series.all().map(({ labels, state }) => ({ labels, value: state.value }))
    return { name, help, type: 'counter', samples }
  }
}
