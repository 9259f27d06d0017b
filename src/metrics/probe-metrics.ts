import type { PodRef } from '../model/pod.ts'
import type { ProbeType } from '../model/probe.ts'
import type { MetricFamily } from './metric-family.ts'
import { Counter } from './registry/counter.ts'
import { Histogram } from './registry/histogram.ts'

/** One question to a container, and its answer. */
export interface AnsweredProbe {
  readonly pod: PodRef
  readonly containerName: string
  readonly type: ProbeType
  readonly result: 'successful' | 'failed'
  readonly durationMs: number
}

const types: Readonly<Record<ProbeType, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }

/** What containers were asked and what they answered, `/metrics/probes` (pkg/kubelet/prober/prober_manager.go). */
export class ProbeMetrics {
  readonly #total = new Counter({
    name: 'prober_probe_total',
    help: 'How often a container was asked, by which probe and with what result.',
    labels: ['pod_uid', 'probe_type', 'result', 'container', 'pod', 'namespace'],
    stability: 'BETA',
  })
  readonly #duration = new Histogram({
    name: 'prober_probe_duration_seconds',
    help: 'Seconds that the answer to a probe took.',
    labels: ['pod', 'namespace', 'probe_type', 'container'],
  })

  /** Of a failure the kubelet does not tell how long it took; what could not be asked at all counts for nothing. */
  answered({ pod: { uid, namespace, name }, containerName, type, result, durationMs }: AnsweredProbe): void {
    this.#total.inc(uid, types[type], result, containerName, name, namespace)
    if (result === 'successful') this.#duration.observe(durationMs / 1000, name, namespace, types[type], containerName)
  }

  /** The Pod is over, and nobody asks it any more: its series end, or there would be more of them for ever. */
  forget({ uid, namespace, name }: PodRef): void {
    this.#total.forget(([podUid]) => podUid === uid)
    this.#duration.forget(([pod, podNamespace]) => pod === name && podNamespace === namespace)
  }

  families(): readonly MetricFamily[] {
    return [this.#total.family(), this.#duration.family()]
  }
}
