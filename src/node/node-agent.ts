import type { Cluster } from '../cluster/cluster.ts'
import type { EventRecorder } from '../cluster/event-recorder.ts'
import type { KubeletConfig } from '../config/config.ts'
import type { Engine, EngineImage, EngineInfo } from '../engine/engine.ts'
import type { PressureCondition } from '../model/eviction-threshold.ts'
import { KubeletError } from '../model/errors.ts'
import type { KubeNode, NodeCondition, NodeStatus } from '../model/kube.ts'
import { Bell } from '../util/bell.ts'
import type { Logger } from '../util/log.ts'
import { keepLease } from './lease.ts'
import { readNodeFacts } from './node-facts.ts'
import { dockerErrors, type DockerOutage } from './node-health.ts'
import { nodeObject, nodeStatus, type NodeInput } from './node-object.ts'
import { keepNodeStatus } from './node-status.ts'
import { registerNode } from './registration.ts'

export interface NodeAgentOptions {
  readonly config: KubeletConfig
  readonly cluster: Cluster
  readonly engine: Engine
  readonly recorder: EventRecorder
  readonly kubeletVersion: string
  readonly log: Logger
  /** What the node is short of now. */
  readonly pressures: () => readonly PressureCondition[]
  /** The machine shuts down. */
  readonly isShuttingDown: () => boolean
  /** Told of the Node once, as soon as the API server has it. */
  readonly onRegistered: (node: KubeNode) => void
  /** Told of the ids of all images that Docker had at that time, whenever they have been listed. */
  readonly onImages: (ids: ReadonlySet<string>, atMs: number) => void
  /** Told of the Node as the API server has it, whenever that is looked at. */
  readonly onNode: (node: KubeNode) => void
}

/** The Node object of this agent: made or put right, kept true, and kept alive by its lease. */
export class NodeAgent {
  readonly #options: NodeAgentOptions
  #engineInfo: EngineInfo | undefined
  #isStale = true
  #images: readonly EngineImage[] | undefined
  #lastAnswerAtMs: number | undefined
  #outage: DockerOutage | undefined
  readonly #changed = new Bell()

  constructor(options: NodeAgentOptions) {
    this.#options = options
  }

  /** Docker may be another one than before: the next status asks it again. */
  forgetDocker(): void {
    this.#isStale = true
    this.#images = undefined
  }

  /** Docker's images have changed: the next status asks for them again. */
  forgetImages(): void {
    this.#images = undefined
  }

  /** A condition of the node has changed: its status is computed and reported at once. */
  conditionChanged(): void {
    this.#changed.ring()
  }

  /** Runs until `signal` fires. Throws `configuration` when the node has no address. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, config, log } = this.#options
    const { nodeName } = config
    const onFault = (what: string) => (error: KubeletError, retryInMs: number) => log.warn(what, { error, retryInMs })
    this.#record('Starting', 'Starting kubelet.')
    const wanted = nodeObject(await this.#input(undefined, signal))
    const node = config.registerNode
      ? await registerNode({ cluster, node: wanted, onFault: onFault('The node could not be registered') }, signal)
      : await this.#existing(wanted, signal)
    log.info('The node is registered', { node: nodeName })
    this.#options.onRegistered(node)
    // The lease names the Node as its owner, so it comes after it.
    const lease = keepLease(
      {
        cluster,
        nodeName,
        durationSeconds: config.nodeLeaseDurationSeconds,
        onFault: onFault('The node lease could not be renewed'),
      },
      signal,
    )
    const status = keepNodeStatus(
      {
        cluster,
        node,
        compute: (known, computeSignal) => this.#status(known, computeSignal),
        changed: this.#changed,
        onFlip: (condition) => this.#tellFlip(condition),
        onNode: (known) => this.#options.onNode(known),
        onFault: onFault('The node status could not be reported'),
        timing: {
          periodMs: config.nodeStatusUpdateFrequencyMs,
          reportMs: config.nodeStatusReportFrequencyMs,
          startPeriodMs: 100,
          startLimitMs: 120_000,
        },
      },
      signal,
    )
    await Promise.all([lease, status])
  }

  /** The Node that somebody else has made; what it would be if this agent had, where nobody has. */
  async #existing(wanted: KubeNode, signal: AbortSignal): Promise<KubeNode> {
    const { cluster, config } = this.#options
    try {
      return await cluster.getNode(config.nodeName, signal)
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      return wanted
    }
  }

  async #status(node: KubeNode, signal: AbortSignal): Promise<NodeStatus> {
    return nodeStatus(await this.#input(node.status, signal))
  }

  async #input(previous: NodeStatus | undefined, signal: AbortSignal): Promise<NodeInput> {
    const { config, kubeletVersion, pressures, isShuttingDown } = this.#options
    const [facts, engine] = await Promise.all([readNodeFacts(config, signal), this.#askDocker(signal)])
    const nowMs = Date.now()
    const errors = [...dockerErrors(this.#outage, nowMs), ...(isShuttingDown() ? ['node is shutting down'] : [])]
    const known = { images: this.#images ?? [], errors, pressures: pressures(), previous, nowMs }
    return { config, kubeletVersion, facts, engine, ...known }
  }

  /** What Docker says of itself: asked for again only when that may have changed, but for whether it answers at all. */
  async #askDocker(signal: AbortSignal): Promise<EngineInfo> {
    const { engine } = this.#options
    try {
      const [info, images] = await Promise.all([
        this.#isStale || this.#engineInfo === undefined ? engine.info(signal) : this.#engineInfo,
        this.#images ?? this.#listImages(signal),
        engine.ping(signal),
      ])
      this.#engineInfo = info
      this.#isStale = false
      this.#images = images
      this.#lastAnswerAtMs = Date.now()
      this.#outage = undefined
      return info
    } catch (error) {
      const fault = KubeletError.from(error)
      const info = this.#engineInfo
      if (fault.code === 'aborted' || info === undefined) throw fault
      this.#outage = { lastAnswerAtMs: this.#lastAnswerAtMs, message: fault.message }
      return info
    }
  }

  async #listImages(signal: AbortSignal): Promise<readonly EngineImage[]> {
    const atMs = Date.now()
    const images = await this.#options.engine.listImages(signal)
    this.#options.onImages(new Set(images.map(({ id }) => id)), atMs)
    return images
  }

  #tellFlip({ type, status }: NodeCondition): void {
    const reason = flipReasons[`${type}=${status}`]
    if (reason === undefined) return
    this.#record(reason, `Node ${this.#options.config.nodeName} status is now: ${reason}`)
  }

  #record(reason: string, message: string): void {
    this.#options.recorder.recordOfNode({ type: 'Normal', reason, message })
  }
}

/** The reason of the event for each flip of a condition (pkg/kubelet/events/event.go). */
const flipReasons: Readonly<Record<string, string>> = {
  'Ready=True': 'NodeReady',
  'Ready=False': 'NodeNotReady',
  'MemoryPressure=False': 'NodeHasSufficientMemory',
  'MemoryPressure=True': 'NodeHasInsufficientMemory',
  'DiskPressure=False': 'NodeHasNoDiskPressure',
  'DiskPressure=True': 'NodeHasDiskPressure',
  'PIDPressure=False': 'NodeHasSufficientPID',
  'PIDPressure=True': 'NodeHasInsufficientPID',
}
