import type { PressureCondition } from '../../model/eviction-threshold.ts'
import type { KubeNode, Pod } from '../../model/kube.ts'
import type { Holders } from './holders.ts'

/** What is known of a node when it is asked whether a Pod may run on it. */
export interface AdmissionFacts {
  /** The Node as the API server has it, or as the agent would make it: labels, taints, allocatable. */
  readonly node: KubeNode
  /** What the agent itself says of its node: what it can do is nobody else's to write. */
  readonly own: KubeNode
  /** The Pods that hold a part of the node: those that have been let in and are not over. Not the one that asks. */
  readonly others: Holders
  /**
   * An agent before this one has let it in, and something of it is here. Its room and its ports are its own then; whether it
   * belongs on this node is asked all the same.
   */
  readonly isHere: boolean
  /** The Pod runs here with what it was given, which this is, and asks for something else: only of that it may lack any. */
  readonly given?: Pod
  /** What the node is short of, in the order of its conditions. */
  readonly pressures: readonly PressureCondition[]
  /** The machine shuts down. */
  readonly isShuttingDown: boolean
  /** Patterns of `--allowed-unsafe-sysctls`. */
  readonly unsafeSysctls: readonly string[]
  /** Docker's host enforces AppArmor profiles. */
  readonly hasAppArmor: boolean
}

/** Why a Pod may not run here: reason and message of its event, and with a prefix of its status. */
export interface Refusal {
  readonly reason: string
  readonly message: string
}

/** A refusal in the words of the kubelet's predicates (pkg/kubelet/lifecycle/predicate.go). */
export function predicateFailed(name: string, description: string): Refusal {
  return { reason: name, message: `Predicate ${name} failed: ${description}` }
}
