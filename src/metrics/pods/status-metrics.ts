import type { PodEvent } from '../../model/pod-event.ts'
import type { MetricFamily } from '../metric-family.ts'
import { Histogram } from '../registry/histogram.ts'

/** How long the API server was behind with the status of Pods: a reader of the event model. */
export class StatusMetrics {
  readonly #duration = new Histogram({
    name: 'kubelet_pod_status_sync_duration_seconds',
    help: 'Seconds from a change of a status to when the API server had it, whatever changed in between.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60],
  })

  read(event: PodEvent): void {
    if (event.kind === 'status-sent') this.#duration.observe((event.atMs - event.changedAtMs) / 1000)
  }

  families(): readonly MetricFamily[] {
    return [this.#duration.family()]
  }
}
