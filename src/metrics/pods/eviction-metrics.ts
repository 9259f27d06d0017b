import type { MetricFamily } from '../metric-family.ts'
import { Histogram } from '../registry/histogram.ts'

/** What is timed of evictions; how many there are is read from the events of Pods. */
export class EvictionMetrics {
  readonly #age = new Histogram({
    name: 'kubelet_eviction_stats_age_seconds',
    help: 'Seconds from the moment when it was seen what there is to the one when a Pod is chosen to end for the want of it.',
    labels: ['eviction_signal'],
  })

  /** A Pod is chosen by figures that are so old. */
  readonly chosen = (signal: string, seconds: number): void => this.#age.observe(seconds, signal)

  families(): readonly MetricFamily[] {
    return [this.#age.family()]
  }
}
