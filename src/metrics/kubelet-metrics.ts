import type { Pod } from '../model/kube.ts'
import type { PodEvent } from '../model/pod-event.ts'
import { buildInfo, type BuildInfo } from './build-info.ts'
import { certificateMetrics, noCertificate, type CertificateSeen } from './certificate-metrics.ts'
import { GarbageMetrics } from './garbage-metrics.ts'
import { HealthMetrics } from './health-metrics.ts'
import { ClientMetrics } from './http/client-metrics.ts'
import { ServerMetrics } from './http/server-metrics.ts'
import type { MetricFamily, MetricSource } from './metric-family.ts'
import { EvictionMetrics } from './pods/eviction-metrics.ts'
import { PodEventMetrics } from './pods/pod-event-metrics.ts'
import type { PodsSeen } from './pods/pod-gauges.ts'
import { PodStartMetrics } from './pods/pod-start-metrics.ts'
import { StatusMetrics } from './pods/status-metrics.ts'
import { WorkerMetrics, type WorkerTiming } from './pods/worker-metrics.ts'
import { ProbeMetrics } from './probe-metrics.ts'
import { RelistMetrics } from './runtime/relist-metrics.ts'
import { RuntimeOperations } from './runtime/runtime-operations.ts'
import { VolumeMetrics } from './volumes/volume-metrics.ts'
import type { MetricsPath } from './scrape.ts'

export interface KubeletMetricsOptions extends BuildInfo {
  readonly nodeName: string
  /** When the agent started, epoch milliseconds. */
  readonly startedAtMs: number
}

/**
 * Everything that the agent counts, times and measures of itself. Observing is cheap; what can
 * be asked for is, at a scrape.
 */
export class KubeletMetrics {
  readonly runtime = new RuntimeOperations()
  readonly relists = new RelistMetrics()
  readonly probes = new ProbeMetrics()
  readonly health = new HealthMetrics()
  readonly server = new ServerMetrics()
  readonly client = new ClientMetrics()
  readonly volumes = new VolumeMetrics()
  readonly garbage = new GarbageMetrics()
  readonly workers = new WorkerMetrics()
  readonly evictions = new EvictionMetrics()
  /** Where to ask for the agent's certificates at a scrape; whoever has them puts himself here. */
  readonly certificates: Record<'server' | 'client', () => CertificateSeen> = {
    server: () => noCertificate,
    client: () => noCertificate,
  }
  readonly #options: KubeletMetricsOptions
  readonly #events: PodEventMetrics
  readonly #starts = new PodStartMetrics()
  readonly #statuses = new StatusMetrics()
  readonly #more: MetricSource[] = []

  constructor(options: KubeletMetricsOptions) {
    this.#options = options
    this.#events = new PodEventMetrics(options.startedAtMs)
  }

  /** A reader of the event model. */
  readonly read = (event: PodEvent): void => {
    this.#events.read(event)
    this.#starts.read(event)
    this.#statuses.read(event)
    if (event.kind === 'pod-removed') this.probes.forget(event.pod)
  }

  /** A source has (a new version of) a Pod. */
  podSeen(pod: Pod): void {
    this.#starts.seen(pod, Date.now())
  }

  podWorked(timing: WorkerTiming): void {
    this.workers.worked(timing, this.#starts.seenAtMs(timing.uid))
  }

  /** Has `source` asked at each scrape of `/metrics`. */
  add(source: MetricSource): void {
    this.#more.push(source)
  }

  /** The text of a scrape. */
  async text(path: MetricsPath, pods: () => PodsSeen): Promise<string> {
    // Loaded with the first scrape: an agent that nobody scrapes has no use for it.
    const { scrape } = await import('./scrape.ts')
    return scrape(path, {
      pods,
      metrics: () => this.#families(),
      probes: this.probes,
      health: this.health,
      more: this.#more,
    })
  }

  #families(): readonly MetricFamily[] {
    const { nodeName } = this.#options
    const { server, client } = this.certificates
    const parts = [
      this.#events,
      this.#starts,
      this.#statuses,
      this.workers,
      this.runtime,
      this.relists,
      this.server,
      this.client,
      this.volumes,
      this.evictions,
      this.garbage,
    ]
    return [
      ...parts.flatMap((part) => part.families()),
      ...certificateMetrics({ server: server(), client: client() }, Date.now()),
      buildInfo(this.#options),
      {
        name: 'kubelet_node_name',
        help: '[ALPHA] Always 1; the label says which node this is.',
        type: 'gauge',
        samples: [{ labels: [['node', nodeName]], value: 1 }],
      },
    ]
  }
}
