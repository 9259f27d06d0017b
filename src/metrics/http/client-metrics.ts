import type { MetricFamily } from '../metric-family.ts'
import { Counter } from '../registry/counter.ts'
import { Histogram } from '../registry/histogram.ts'

/** A request to the API server that got an answer, or none. */
export interface AnsweredRequest {
  readonly method: string
  /** `undefined` where there was no answer. */
  readonly status: number | undefined
  /** Of the server: `10.0.0.1:6443`. */
  readonly host: string
  readonly durationMs: number
}

/** What the API server was asked (component-base/metrics/prometheus/restclient). */
export class ClientMetrics {
  readonly #total = new Counter({
    name: 'rest_client_requests_total',
    help: 'How many requests were sent, by the status of the answer.',
    labels: ['code', 'method', 'host'],
  })
  readonly #duration = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Seconds until the answer to a request began.',
    labels: ['verb', 'host'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
  })

  answered({ method, status, host, durationMs }: AnsweredRequest): void {
    this.#total.inc(status === undefined ? '<error>' : String(status), method, host)
    this.#duration.observe(durationMs / 1000, method, host)
  }

  families(): readonly MetricFamily[] {
    return [this.#total.family(), this.#duration.family()]
  }
}
