import { setTimeout as delay } from 'node:timers/promises'
import type { PeerKubelet } from '../../support/peer-kubelet.ts'
import type { AgentProcess, LifeOptions } from './agent-process.ts'
import type { BenchCluster } from './bench-cluster.ts'

export type Side = 'ours' | 'peer'

/** A node that is measured: the process of its agent, and what a client does with it. */
export interface MeasuredNode {
  readonly side: Side
  readonly cluster: BenchCluster
  /** Throws when it does not run. */
  readonly pid: number
  /** SIGTERM; everything that it runs stays. */
  stop(): Promise<void>
  /** Another life; resolves when there is a process. */
  start(life?: LifeOptions): Promise<void>
}

export function ourNode(agent: AgentProcess, cluster: BenchCluster): MeasuredNode {
  return {
    side: 'ours',
    cluster,
    get pid() {
      return agent.pid
    },
    stop: () => agent.stop(),
    start: async (life) => agent.start(life),
  }
}

/** What of a life can be chosen is ours alone. */
export async function peerNode(peer: PeerKubelet, cluster: BenchCluster): Promise<MeasuredNode> {
  let pid = await peer.pid()
  return {
    side: 'peer',
    cluster,
    get pid() {
      return pid
    },
    stop: () => peer.stop(),
    start: async () => {
      await peer.startAgain()
      pid = await peer.pid()
    },
  }
}

/** What is due at once after a freeze. */
const settleMs = 500
/** The longest period of a node's loops: who is asked at any moment of it is not asked at the same one each time. */
const periodMs = 1000

/** Who may run: of several nodes on one Docker only the one that is measured, while the others are frozen. */
export class Turns implements AsyncDisposable {
  readonly #nodes: readonly MeasuredNode[]
  readonly #frozen = new Set<MeasuredNode>()

  constructor(nodes: readonly MeasuredNode[]) {
    this.#nodes = nodes
  }

  /** Only this one runs from now on; `undefined`: none, for Docker alone. */
  async give(node: MeasuredNode | undefined): Promise<void> {
    for (const other of this.#nodes) {
      if (other === node || this.#frozen.has(other)) continue
      process.kill(other.pid, 'SIGSTOP')
      this.#frozen.add(other)
    }
    if (node === undefined || !this.#frozen.delete(node)) return
    process.kill(node.pid, 'SIGCONT')
    await delay(settleMs + Math.random() * periodMs)
  }

  /** All run again. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#frozen) {
      try {
        process.kill(node.pid, 'SIGCONT')
      } catch {
        // It has ended.
      }
    }
    this.#frozen.clear()
  }
}
