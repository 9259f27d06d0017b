import type { PodEvent } from '../../model/pod-event.ts'
import type { MetricFamily } from '../metric-family.ts'
import { Counter } from '../registry/counter.ts'
import { Histogram } from '../registry/histogram.ts'
import { containerType } from './container-type.ts'
import { imageSizeClass } from './image-size.ts'
import { rejectionReason } from './rejection-reason.ts'

const secondsOfPulls = [1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600]
const millisecondsOfResizes = [
  10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
]

/** Counts what happens to Pods: a reader of the event model (pkg/kubelet/metrics/metrics.go has the names). */
export class PodEventMetrics {
  readonly #startedAtMs: number
  /** How long the sandboxes took to be created that are not started yet, by the Pod's UID. */
  readonly #created = new Map<string, number>()
  /** Since when resizes are under way, by the Pod's UID. */
  readonly #resizing = new Map<string, number>()

  readonly #startedPods = new Counter({
    name: 'kubelet_started_pods_total',
    help: 'How often the start of a Pod was begun.',
  })
  readonly #startedPodsErrors = new Counter({
    name: 'kubelet_started_pods_errors_total',
    help: 'How often the start of a Pod failed.',
  })
  readonly #startedContainers = new Counter({
    name: 'kubelet_started_containers_total',
    help: 'How often the start of a container was begun.',
    labels: ['container_type'],
  })
  readonly #startedContainersErrors = new Counter({
    name: 'kubelet_started_containers_errors_total',
    help: 'How often the start of a container failed.',
    labels: ['container_type', 'code'],
  })
  readonly #terminatedContainers = new Counter({
    name: 'kubelet_terminated_containers_total',
    help: 'How many containers have ended.',
    labels: ['container_type', 'exit_code', 'reason'],
  })
  readonly #sandboxDuration = new Histogram({
    name: 'kubelet_run_podsandbox_duration_seconds',
    help: 'Seconds that it took to create and start a sandbox, by the handler of its RuntimeClass.',
    labels: ['runtime_handler'],
  })
  readonly #sandboxErrors = new Counter({
    name: 'kubelet_run_podsandbox_errors_total',
    help: 'How often a sandbox could not be created or started, by the handler of its RuntimeClass.',
    labels: ['runtime_handler'],
  })
  readonly #pullDuration = new Histogram({
    name: 'kubelet_image_pull_duration_seconds',
    help: 'Seconds that it took to pull an image, the wait for its turn included.',
    labels: ['image_size_in_bytes'],
    buckets: secondsOfPulls,
  })
  readonly #evictions = new Counter({
    name: 'kubelet_evictions',
    help: 'How many Pods were evicted, by what told to.',
    labels: ['eviction_signal'],
  })
  readonly #preemptions = new Counter({
    name: 'kubelet_preemptions',
    help: 'How many Pods were ended to make room for a critical one, by what there was too little of.',
    labels: ['preemption_signal'],
  })
  readonly #rejections = new Counter({
    name: 'kubelet_admission_rejections_total',
    help: 'How many Pods were not let in, by the reason.',
    labels: ['reason'],
  })
  readonly #httpFallbacks = new Counter({
    name: 'kubelet_lifecycle_handler_http_fallbacks_total',
    help: 'How often a hook was answered over HTTP that was to be asked over HTTPS.',
  })
  readonly #resizeDuration = new Histogram({
    name: 'kubelet_pod_resize_duration_milliseconds',
    help: 'Milliseconds that it took to give a Pod what it was allocated while it runs.',
    labels: ['success'],
    buckets: millisecondsOfResizes,
  })

  /** `startedAtMs`: when the agent did; what ended before that was counted by another. */
  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs
  }

  read(event: PodEvent): void {
    const { uid } = event.pod
    switch (event.kind) {
      case 'sandbox-created':
        this.#created.set(uid, event.durationMs)
        return
      case 'sandbox-started': {
        const createdMs = this.#created.get(uid) ?? 0
        this.#created.delete(uid)
        this.#startedPods.inc()
        this.#sandboxDuration.observe((createdMs + event.durationMs) / 1000, '')
        return
      }
      case 'sandbox-failed':
        this.#created.delete(uid)
        this.#startedPods.inc()
        this.#startedPodsErrors.inc()
        this.#sandboxErrors.inc('')
        return
      case 'container-started':
        this.#startedContainers.inc(containerType(event.fieldPath))
        return
      case 'container-failed':
        // A hook after the start fails a start that has been counted.
        if (event.reason !== 'PostStartHookError') this.#startedContainers.inc(containerType(event.fieldPath))
        this.#startedContainersErrors.inc(containerType(event.fieldPath), event.reason)
        return
      case 'container-exited':
        if (event.finishedAtMs < this.#startedAtMs) return
        this.#terminatedContainers.inc(containerType(event.fieldPath), String(event.exitCode), event.reason)
        return
      case 'pull-finished':
        this.#pullDuration.observe((event.durationMs + event.waitedMs) / 1000, imageSizeClass(event.sizeBytes))
        return
      case 'pod-ended':
        if (event.reason === 'Evicted') this.#evictions.inc(event.signal ?? '')
        if (event.reason === 'Preempting') this.#preemptions.inc(event.signal ?? '')
        return
      case 'pod-rejected':
        // A manifest that says no Pod was never asked to be let in.
        if (event.reason !== 'FailedValidation') this.#rejections.inc(rejectionReason(event.reason))
        return
      case 'hook-fell-back':
        this.#httpFallbacks.inc()
        return
      case 'resize-started':
        this.#resizing.set(uid, event.atMs)
        return
      case 'resize-completed':
      case 'resize-failed': {
        const sinceMs = this.#resizing.get(uid)
        if (event.kind === 'resize-completed') this.#resizing.delete(uid)
        if (sinceMs !== undefined) {
          this.#resizeDuration.observe(event.atMs - sinceMs, String(event.kind === 'resize-completed'))
        }
        return
      }
      case 'pod-removed':
        this.#created.delete(uid)
        this.#resizing.delete(uid)
        return
      default:
      // Everything else is for other readers.
    }
  }

  families(): readonly MetricFamily[] {
    return [
      this.#startedPods,
      this.#startedPodsErrors,
      this.#startedContainers,
      this.#startedContainersErrors,
      this.#terminatedContainers,
      this.#sandboxDuration,
      this.#sandboxErrors,
      this.#pullDuration,
      this.#evictions,
      this.#preemptions,
      this.#rejections,
      this.#httpFallbacks,
      this.#resizeDuration,
    ].map((metric) => metric.family())
  }
}
