import type { MetricFamily } from '../metric-family.ts'
import { Counter } from '../registry/counter.ts'
import { Gauge } from '../registry/gauge.ts'
import { Histogram } from '../registry/histogram.ts'

/** One whole list of what Docker holds, in milliseconds; times are epoch milliseconds. */
export interface RelistTiming {
  readonly durationMs: number
  readonly atMs: number
}

/** How the agent keeps up with Docker: lists now and then, and the stream of events between (the kubelet's PLEG). */
export class RelistMetrics {
  #lastAtMs: number | undefined

  readonly #duration = new Histogram({
    name: 'kubelet_pleg_relist_duration_seconds',
    help: 'Seconds that it took to list everything in the runtime.',
  })
  readonly #interval = new Histogram({
    name: 'kubelet_pleg_relist_interval_seconds',
    help: 'Seconds between two such lists; in between, events tell of changes.',
  })
  readonly #lastSeen = new Gauge({
    name: 'kubelet_pleg_last_seen_seconds',
    help: 'When the runtime was last heard of, in seconds since the epoch.',
  })
  readonly #discarded = new Counter({
    name: 'kubelet_pleg_discard_events',
    help: 'How many events were dropped unread.',
  })
  readonly #connections = new Counter({
    name: 'kubelet_evented_pleg_connection_success_count',
    help: 'How often the stream of events of the runtime was opened.',
  })

  listed({ durationMs, atMs }: RelistTiming): void {
    this.#duration.observe(durationMs / 1000)
    if (this.#lastAtMs !== undefined) this.#interval.observe((atMs - this.#lastAtMs) / 1000)
    this.#lastAtMs = atMs
    this.heard(atMs)
  }

  /** An event has come. */
  heard(atMs: number): void {
    this.#lastSeen.set(Math.trunc(atMs / 1000))
  }

  connected(atMs: number): void {
    this.#connections.inc()
    this.heard(atMs)
  }

  families(): readonly MetricFamily[] {
    return [this.#duration, this.#interval, this.#lastSeen, this.#discarded, this.#connections].map((metric) =>
      metric.family(),
    )
  }
}
