import type { TestContext } from 'node:test'
import type { Patch, PodKey } from '../../../../src/cluster/cluster.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { Pod, PodStatus } from '../../../../src/model/kube.ts'
import type { PodEvent } from '../../../../src/model/pod-event.ts'
import { StatusWriter } from '../../../../src/sync/reporting/status-writer.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterMethod } from '../../../fakes/fake-cluster.ts'
import { aContainerStatus } from '../../../builders/pod.ts'
import { nowMs } from '../../../builders/observed.ts'
import { CallGate } from '../../../support/call-gate.ts'
import { quiet } from '../../../support/quiet.ts'

export const away = new KubeletError('unavailable', 'The API server does not answer')
const stepMs = 100

/** Its answers to patches can be held up when they have taken effect. */
class SlowCluster extends FakeCluster {
  answer: Promise<void> | undefined
  /** What each patch that took effect made of the status. */
  readonly held: (PodStatus | undefined)[] = []

  override async patchPodStatus(key: PodKey, status: Patch, signal: AbortSignal): Promise<Pod> {
    const pod = await super.patchPodStatus(key, status, signal)
    this.held.push(pod.status)
    await this.answer
    return pod
  }
}

/** A writer over a fake API server that has Pod `web`. Time stands still until `advance`. */
export class WriterBed {
  readonly gate = new CallGate<ClusterMethod>()
  readonly events: PodEvent[] = []
  /** When each status was sent, in milliseconds since the start. */
  readonly tries: number[] = []
  /** How many requests were on their way at once, at most. */
  mostAtOnce = 0
  readonly server: FakeApiServer
  readonly cluster: SlowCluster
  readonly writer: StatusWriter
  readonly pod: Pod
  readonly #test: TestContext
  readonly #life = new AbortController()
  #atOnce = 0

  constructor(test: TestContext, options: ConstructorParameters<typeof FakeApiServer>[0] = {}) {
    this.#test = test
    test.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: nowMs })
    this.server = new FakeApiServer(options)
    this.cluster = new SlowCluster({
      server: this.server,
      before: async ({ method }) => {
        if (method === 'patchPodStatus') this.tries.push(Date.now() - nowMs)
        this.#atOnce += 1
        this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
        await this.gate.pass(method).finally(() => (this.#atOnce -= 1))
      },
    })
    this.writer = new StatusWriter({
      cluster: this.cluster,
      emit: (event) => this.events.push(event),
      signal: this.#life.signal,
    })
    this.pod = this.server.createPod({ name: 'web', nodeName: 'node-1' })
    test.after(() => this.#life.abort())
  }

  /** Hands the writer a status, and settles. */
  async report(status: PodStatus, pod = this.pod): Promise<void> {
    this.writer.report(pod, status)
    await quiet()
  }

  /** What the API server has is told to the writer, as a watch does; settles. */
  async observe(): Promise<void> {
    this.writer.observe(this.server.requirePod('default', 'web'))
    await quiet()
  }

  async advance(ms: number): Promise<void> {
    await quiet()
    for (let left = ms; left > 0; left -= stepMs) {
      this.#test.mock.timers.tick(Math.min(stepMs, left))
      await quiet()
    }
  }

  get sent(): number {
    return this.cluster.count('patchPodStatus')
  }

  get held(): PodStatus | undefined {
    return this.server.pod('default', 'web')?.status
  }

  /** Patches take effect, and nobody hears of that before the returned function is called. */
  holdAnswers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.cluster.answer = promise
    return resolve
  }
}

/** A status of a running Pod with that many restarts. */
export function running(restartCount: number): PodStatus {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T10:00:00Z' }],
    podIP: '10.1.0.5',
    podIPs: [{ ip: '10.1.0.5' }],
    qosClass: 'BestEffort',
    containerStatuses: [aContainerStatus({ restartCount })],
  }
}

export function pending(reason: string): PodStatus {
  const state = { waiting: { reason } }
  return { phase: 'Pending', containerStatuses: [aContainerStatus({ state, ready: false, started: false })] }
}

/** What the container of Pod `web` was said to wait for, patch by patch. */
export function reasonsSent({ cluster }: WriterBed): readonly (string | undefined)[] {
  return cluster.held.map((status) => status?.containerStatuses?.[0]?.state?.waiting?.reason)
}

export function restartsOf(status: PodStatus | undefined): number | undefined {
  return status?.containerStatuses?.[0]?.restartCount
}
