import type { MetricFamily } from './metric-family.ts'
import { Gauge } from './registry/gauge.ts'

/** The last graceful shutdown. */
export class ShutdownMetrics {
  readonly #started = new Gauge({
    name: 'kubelet_graceful_shutdown_start_time_seconds',
    help: '[ALPHA] When the last graceful shutdown began, in seconds since 1970.',
    labels: [],
  })
  readonly #ended = new Gauge({
    name: 'kubelet_graceful_shutdown_end_time_seconds',
    help: '[ALPHA] When it ended; 0 while it lasts.',
    labels: [],
  })

  /** Epoch milliseconds; `undefined` for not yet. */
  seen({ startedAtMs, endedAtMs }: { startedAtMs: number | undefined; endedAtMs: number | undefined }): void {
    this.#started.set(seconds(startedAtMs))
    this.#ended.set(seconds(endedAtMs))
  }

  families(): readonly MetricFamily[] {
    return [this.#started.family(), this.#ended.family()]
  }
}

function seconds(atMs: number | undefined): number {
  return atMs === undefined ? 0 : Math.floor(atMs / 1000)
}
