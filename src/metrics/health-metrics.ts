import type { MetricFamily } from './metric-family.ts'
import { Counter } from './registry/counter.ts'
import { Gauge } from './registry/gauge.ts'

/** What the checks of the agent's health found, `/metrics/slis` (component-base/metrics/prometheus/slis). */
export class HealthMetrics {
  readonly #check = new Gauge({
    name: 'kubernetes_healthcheck',
    help: 'What a check of health found last: 1 for well.',
    labels: ['name', 'type'],
    stability: 'STABLE',
  })
  readonly #total = new Counter({
    name: 'kubernetes_healthchecks_total',
    help: 'What checks of health have found, how often.',
    labels: ['name', 'type', 'status'],
    stability: 'STABLE',
  })

  /** `name` is the check's: `ping`, `log`, `syncloop`. */
  checked(name: string, isWell: boolean): void {
    this.#check.set(isWell ? 1 : 0, name, 'healthz')
    this.#total.inc(name, 'healthz', isWell ? 'success' : 'error')
  }

  /** Begins anew. */
  forget(): void {
    this.#check.clear()
    this.#total.forget(() => true)
  }

  families(): readonly MetricFamily[] {
    return [this.#check.family(), this.#total.family()]
  }
}
