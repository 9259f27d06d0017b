import type { MetricFamily } from '../metric-family.ts'
import { Counter } from '../registry/counter.ts'
import { Histogram } from '../registry/histogram.ts'

/** Why a Pod was looked at (SyncPodType in pkg/kubelet/types/pod_update.go). */
export type WorkerOperation = 'create' | 'update' | 'sync' | 'kill'

/** What a worker did from being woken until there was nothing left but waits. */
export interface WorkerTiming {
  readonly uid: string
  readonly operation: WorkerOperation
  /** Epoch milliseconds. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** Containers in the Pod's spec; 0 for a Pod that has none. */
  readonly containers: number
}

/** How long the workers of Pods take. */
export class WorkerMetrics {
  readonly #duration = new Histogram({
    name: 'kubelet_pod_worker_duration_seconds',
    help: 'Seconds that it took to look at a Pod and do what there was to do, by why it was looked at.',
    labels: ['operation_type'],
  })
  readonly #startDuration = new Histogram({
    name: 'kubelet_pod_worker_start_duration_seconds',
    help: 'Seconds from when a Pod was first seen to when its worker began.',
  })
  readonly #containers = new Histogram({
    name: 'kubelet_containers_per_pod_count',
    help: 'How many containers Pods have.',
    buckets: [1, 2, 4, 8, 16],
  })
  readonly #orphans = new Counter({
    name: 'kubelet_orphaned_runtime_pods_total',
    help: 'How many Pods were found in the runtime that no source has and no worker knew.',
  })
  readonly #restarted = new Counter({
    name: 'kubelet_restarted_pods_total',
    help: 'How many Pods were wanted anew, under the same UID, before they were over.',
    labels: ['static'],
  })

  constructor() {
    for (const label of ['', 'true']) this.#restarted.add(0, label)
  }

  /** `seenAtMs`: when the Pod was first seen; `undefined` for one that was here before the agent. */
  worked({ operation, startedAtMs, durationMs, containers }: WorkerTiming, seenAtMs: number | undefined): void {
    this.#duration.observe(durationMs / 1000, operation)
    if (operation !== 'create') return
    this.#containers.observe(containers)
    if (seenAtMs !== undefined) this.#startDuration.observe(Math.max(0, startedAtMs - seenAtMs) / 1000)
  }

  orphanFound(): void {
    this.#orphans.inc()
  }

  restarted(isStatic: boolean): void {
    this.#restarted.inc(isStatic ? 'true' : '')
  }

  families(): readonly MetricFamily[] {
    return [this.#duration, this.#startDuration, this.#containers, this.#orphans, this.#restarted].map((metric) =>
      metric.family(),
    )
  }
}
