import type { MetricFamily } from '../metric-family.ts'
import { exponentialBuckets } from '../registry/buckets.ts'
import { Counter } from '../registry/counter.ts'
import { Histogram } from '../registry/histogram.ts'

/** What the agent asks of Docker, by the kubelet's words for what it asks of a runtime. */
export class RuntimeOperations {
  readonly #total = new Counter({
    name: 'kubelet_runtime_operations_total',
    help: 'How often the runtime was asked for something, by what.',
    labels: ['operation_type'],
  })
  readonly #duration = new Histogram({
    name: 'kubelet_runtime_operations_duration_seconds',
    help: 'Seconds that the runtime took, by what it was asked for.',
    labels: ['operation_type'],
    buckets: exponentialBuckets(0.005, 2.5, 14),
  })
  readonly #errors = new Counter({
    name: 'kubelet_runtime_operations_errors_total',
    help: 'How often the runtime failed, by what it was asked for.',
    labels: ['operation_type'],
  })

  /** Something was asked for and took `ms` milliseconds. */
  observe(operation: string, ms: number, failed: boolean): void {
    this.#total.inc(operation)
    this.#duration.observe(ms / 1000, operation)
    if (failed) this.#errors.inc(operation)
  }

  families(): readonly MetricFamily[] {
    return [this.#total, this.#duration, this.#errors].map((metric) => metric.family())
  }
}
