import type { MetricFamily } from '../metric-family.ts'
import { Counter } from '../registry/counter.ts'
import { Gauge } from '../registry/gauge.ts'
import { Histogram } from '../registry/histogram.ts'
import { requestBucket } from './path-bucket.ts'

/** `readonly` is the port that asks nobody who he is. */
export type ServerType = 'readwrite' | 'readonly'

/** What the agent's ports are asked (pkg/kubelet/server/metrics/metrics.go). */
export class ServerMetrics {
  readonly #total = new Counter({
    name: 'kubelet_http_requests_total',
    help: 'How many requests have come.',
    labels: ['method', 'path', 'server_type', 'long_running'],
  })
  readonly #inflight = new Gauge({
    name: 'kubelet_http_inflight_requests',
    help: 'How many requests are being answered.',
    labels: ['method', 'path', 'server_type', 'long_running'],
  })
  readonly #duration = new Histogram({
    name: 'kubelet_http_requests_duration_seconds',
    help: 'Seconds that it took to answer a request to its end.',
    labels: ['method', 'path', 'server_type', 'long_running'],
  })
  readonly #webSockets = new Counter({
    name: 'kubelet_websocket_streaming_requests_total',
    help: 'How many requests have come to stream over a WebSocket, by what.',
    labels: ['subresource'],
  })

  /** A request has come; the result is called when it has been answered. `path` without its query. */
  request(method: string, path: string, type: ServerType): () => void {
    const bucket = requestBucket(method, path)
    const labels = [bucket.method, bucket.path, type, bucket.longRunning] as const
    const startedAtMs = performance.now()
    this.#total.inc(...labels)
    this.#inflight.add(1, ...labels)
    return () => {
      this.#inflight.add(-1, ...labels)
      this.#duration.observe((performance.now() - startedAtMs) / 1000, ...labels)
    }
  }

  webSocket(subresource: 'exec' | 'attach' | 'portforward'): void {
    this.#webSockets.inc(subresource)
  }

  families(): readonly MetricFamily[] {
    return [this.#total, this.#inflight, this.#duration, this.#webSockets].map((metric) => metric.family())
  }
}
