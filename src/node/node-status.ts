import { backOffMs, pause } from '../cluster/back-off.ts'
import type { Cluster, Patch } from '../cluster/cluster.ts'
import { KubeletError } from '../model/errors.ts'
import type { KubeNode, NodeCondition, NodeStatus } from '../model/kube.ts'
import { Bell } from '../util/bell.ts'
import { conditionFlips, heartbeatPatch, lostMembers, nodeStatusPatch } from './node-status-patch.ts'

export interface NodeStatusOptions {
  readonly cluster: Pick<Cluster, 'getNode' | 'patchNodeStatus'>
  /** As it was registered. */
  readonly node: KubeNode
  /**
   * The status as it is now, heartbeats included, for the Node as the server has it: times of transitions go on from
   * there. What it leaves out stays as it is.
   */
  readonly compute: (node: KubeNode, signal: AbortSignal) => Promise<NodeStatus>
  /** Rings when there is something new to be told: the status is computed at once then. */
  readonly changed?: Bell
  /** Told of each condition that has another status than before, once the server knows; at the start of all. */
  readonly onFlip: (condition: NodeCondition) => void
  /**
   * Told of the Node as the server has it, whenever that is looked at, when its status has
   * been reported or could not be.
   */
  readonly onNode?: (node: KubeNode) => void
  /** Told of each failure and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  /** For tests; the kubelet's values when left out. */
  readonly timing?: NodeStatusTiming
}

export interface NodeStatusTiming {
  /** The status is computed this often (nodeStatusUpdateFrequency), … */
  readonly periodMs: number
  /** … and reported this often even if nothing has changed (nodeStatusReportFrequency). */
  readonly reportMs: number
  /** Until the node is ready for the first time it is computed this often, … */
  readonly startPeriodMs: number
  /** … for this long. */
  readonly startLimitMs: number
}

const usualTiming: NodeStatusTiming = {
  periodMs: 10_000,
  reportMs: 300_000,
  startPeriodMs: 100,
  startLimitMs: 120_000,
}
const jitter = 0.04

/**
 * Keeps the status of the Node true until `signal` fires: computes it again and again, and patches it when anything but
 * a heartbeat has changed or the last report is old (pkg/kubelet/kubelet_node_status.go). Failures are reported and
 * tried again, within a period.
 */
export async function keepNodeStatus(options: NodeStatusOptions, signal: AbortSignal): Promise<void> {
  const { timing: { periodMs } = usualTiming, changed = new Bell() } = options
  const keeper = new NodeStatusKeeper(options)
  let failures = 0
  while (!signal.aborted) {
    try {
      const waitMs = await keeper.pass(signal)
      failures = 0
      await changed.wait(Date.now() + waitMs, signal)
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code === 'aborted') return
      failures += 1
      const waitMs = backOffMs(failures, fault, { initialMs: periodMs / 10, maxMs: periodMs }, Math.random())
      options.onFault(fault, waitMs)
      await pause(waitMs, signal)
    }
  }
}

class NodeStatusKeeper {
  readonly #options: NodeStatusOptions
  readonly #timing: NodeStatusTiming
  readonly #startedAtMs = performance.now()
  #node: KubeNode
  /** What the server made nothing of. */
  #lost: Patch = {}
  #nextReportAtMs = 0
  #isFirst = true
  /** Meanwhile the Node as registered is good enough: asking for it ten times a second would be rude. */
  #isStarting = true

  constructor(options: NodeStatusOptions) {
    this.#options = options
    this.#timing = options.timing ?? usualTiming
    this.#node = options.node
  }

  /** Looks once; gives the time until the next look. */
  async pass(signal: AbortSignal): Promise<number> {
    const { cluster, compute, onNode, onFlip } = this.#options
    // Others write to it too: the node controller, when it has not heard from us, or an administrator.
    if (!this.#isStarting) this.#node = await cluster.getNode(this.#node.metadata?.name ?? '', signal)
    const before = this.#isFirst ? undefined : this.#node.status
    const status = await compute(this.#node, signal)
    try {
      await this.#report(status, signal)
    } finally {
      // What an agent before this one has said of the node's room may not be true any more: it is told when put right.
      onNode?.(this.#node)
    }
    this.#isFirst = false
    for (const condition of conditionFlips(before, status)) onFlip(condition)
    this.#isStarting &&= !isReady(status) && performance.now() - this.#startedAtMs < this.#timing.startLimitMs
    return this.#isStarting ? this.#timing.startPeriodMs : this.#timing.periodMs * (1 + jitter * Math.random())
  }

  async #report(status: NodeStatus, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options
    const isDue = performance.now() >= this.#nextReportAtMs
    const change = nodeStatusPatch(this.#node.status ?? {}, status, this.#lost)
    if (change === undefined && !isDue) return
    const name = this.#node.metadata?.name ?? ''
    this.#node = await cluster.patchNodeStatus(name, change ?? heartbeatPatch(status), signal)
    this.#lost = lostMembers(this.#node.status ?? {}, status)
    this.#nextReportAtMs = performance.now() + this.#reportDelayMs(change !== undefined)
  }

  /** After a change the next report is due at a random moment, so that nodes that changed together don't report together. */
  #reportDelayMs(hasChanged: boolean): number {
    return this.#timing.reportMs * (hasChanged || this.#isFirst ? 0.5 + Math.random() : 1)
  }
}

function isReady(status: NodeStatus): boolean {
  return status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true
}
