import type { Pod } from '../../model/kube.ts'
import type { PodEvent } from '../../model/pod-event.ts'
import { hasTerminalPhase, isTerminating, usesHostNetwork } from '../../model/pod.ts'
import type { MetricFamily } from '../metric-family.ts'
import { Gauge } from '../registry/gauge.ts'
import { Histogram } from '../registry/histogram.ts'
import { containerType } from './container-type.ts'

const secondsOfStarts = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
]

/** A Pod that has not been seen to run yet. */
interface Start {
  readonly seenAtMs: number
  /** `undefined` for one that the API server has not made. */
  readonly createdAtMs: number | undefined
  /** How many containers it takes. */
  readonly containers: number
  readonly isStateful: boolean
  readonly hostNetwork: boolean
  readonly started: Set<string>
  /** Images that are being pulled, since when there are any, and how long there were before that. */
  readonly pulls: Set<string>
  pullsSinceMs: number
  pulledMs: number
  /** Init containers that run, by name, since when; and how long others did. */
  readonly inits: Map<string, number>
  initMs: number
  runs: boolean
}

/**
 * How long Pods take to start: from when the agent first saw one, and from when it was created, with and without what is the
 * images' and the init containers' part (pkg/kubelet/util/pod_startup_latency_tracker.go). A reader of the event model.
 */
export class PodStartMetrics {
  readonly #starts = new Map<string, Start>()
  #isFirstNetworkPodKnown = false

  readonly #duration = new Histogram({
    name: 'kubelet_pod_start_duration_seconds',
    help: 'Seconds from when a Pod was first seen to when all its containers had been started.',
    buckets: secondsOfStarts,
  })
  readonly #slo = new Histogram({
    name: 'kubelet_pod_start_sli_duration_seconds',
    help: 'Seconds from the creation of a Pod to its containers being reported as started, without pulls and init containers.',
    buckets: secondsOfStarts,
  })
  readonly #total = new Histogram({
    name: 'kubelet_pod_start_total_duration_seconds',
    help: 'Seconds from the creation of a Pod to its containers being reported as started, pulls and init containers included.',
    buckets: secondsOfStarts,
  })
  readonly #firstNetworkPod = new Gauge({
    name: 'kubelet_first_network_pod_start_sli_duration_seconds',
    help: 'Seconds that the first Pod with a network of its own took to start, without pulls and init containers.',
    stability: 'INTERNAL',
  })

  /** When the Pod was first seen, epoch milliseconds, as long as it has not started. */
  seenAtMs(uid: string): number | undefined {
    return this.#starts.get(uid)?.seenAtMs
  }

  /** A source has (a new version of) a Pod. One that an agent before this one has begun with is not measured. */
  seen(pod: Pod, nowMs: number): void {
    const { uid, creationTimestamp } = pod.metadata
    if (this.#starts.has(uid) || pod.status?.startTime !== undefined) return
    if (isTerminating(pod) || hasTerminalPhase(pod)) return
    this.#starts.set(uid, {
      seenAtMs: nowMs,
      createdAtMs: creationTimestamp === undefined ? undefined : Date.parse(creationTimestamp),
      containers: pod.spec.containers.length,
      isStateful: isStateful(pod),
      hostNetwork: usesHostNetwork(pod),
      started: new Set(),
      pulls: new Set(),
      pullsSinceMs: 0,
      pulledMs: 0,
      inits: new Map(),
      initMs: 0,
      runs: false,
    })
  }

  read(event: PodEvent): void {
    const start = this.#starts.get(event.pod.uid)
    if (start === undefined) return
    switch (event.kind) {
      case 'pull-started':
        if (start.pulls.size === 0) start.pullsSinceMs = event.atMs
        start.pulls.add(event.image)
        return
      case 'pull-finished':
      case 'pull-failed':
        if (start.pulls.delete(event.image) && start.pulls.size === 0) start.pulledMs += event.atMs - start.pullsSinceMs
        return
      case 'container-started':
        this.#containerStarted(start, event)
        return
      case 'container-exited': {
        const sinceMs = start.inits.get(event.containerName)
        if (sinceMs !== undefined) start.initMs += event.atMs - sinceMs
        start.inits.delete(event.containerName)
        return
      }
      case 'status-sent':
        if (start.runs && event.phase === 'Running') this.#reported(event, start)
        return
      case 'pod-rejected':
      case 'pod-ended':
      case 'pod-removed':
        this.#starts.delete(event.pod.uid)
        return
      default:
      // Says nothing of a start.
    }
  }

  #containerStarted(
    start: Start,
    { atMs, fieldPath, containerName }: Extract<PodEvent, { kind: 'container-started' }>,
  ): void {
    const type = containerType(fieldPath)
    if (type === 'init_container') start.inits.set(containerName, atMs)
    if (type === 'container') start.started.add(containerName)
    if (start.runs || start.started.size < start.containers) return
    start.runs = true
    this.#duration.observe(seconds(atMs - start.seenAtMs))
  }

  #reported({ pod: { uid }, atMs }: PodEvent, start: Start): void {
    this.#starts.delete(uid)
    if (start.createdAtMs === undefined) return
    const totalMs = atMs - start.createdAtMs
    this.#total.observe(seconds(totalMs))
    if (start.isStateful) return
    const sliSeconds = seconds(totalMs - start.pulledMs - start.initMs)
    this.#slo.observe(sliSeconds)
    if (this.#isFirstNetworkPodKnown || start.hostNetwork) return
    this.#isFirstNetworkPodKnown = true
    this.#firstNetworkPod.set(sliSeconds)
  }

  families(): readonly MetricFamily[] {
    return [this.#duration, this.#slo, this.#total, this.#firstNetworkPod].map((metric) => metric.family())
  }
}

/** Clocks of two machines may differ: nothing takes less than no time. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1000
}

/** It mounts something that lasts longer than itself. */
function isStateful({ spec: { volumes = [] } }: Pod): boolean {
  return volumes.some(({ secret, configMap, downwardAPI, emptyDir, projected }) =>
    [secret, configMap, downwardAPI, emptyDir, projected].every((source) => source === undefined),
  )
}
