/** The seam between the harness, which makes rounds and judges them, and the faults that it is given. */
import type { ChaosAgent } from './bed/chaos-agent.ts'
import type { ChaosCluster } from './bed/chaos-cluster.ts'
import type { ChaosDocker } from './bed/chaos-docker.ts'
import type { StartedContainers } from './bed/started-containers.ts'
import type { ControlPlane } from './bed/control-plane.ts'
import type { ApiProxy } from './faults/api/api-proxy.ts'
import type { Random } from './random.ts'
import type { Phase } from './workload/plan-round.ts'
import type { PodKindName } from './workload/pod-kinds.ts'

/** Something that goes wrong on a node, and is mended again. */
export interface Fault {
  /** As `--fault` and the report have it: `kill-agent`, `api-500`. */
  readonly name: string
  /** It takes too long for the few rounds of hack/test.sh. */
  readonly slow?: boolean
  /** An agent that starts meanwhile may end by itself, with a word of why, to be started again by whoever looks after it. */
  readonly mayEndAgent?: boolean
  /** Kinds of Pods that make happen what it waits for. */
  readonly provokes?: readonly PodKindName[]
  /** It waits by itself for its moment, from the begin of the phase on. */
  readonly atOnce?: boolean
  /** It comes while Pods come and go, or while all of them go. The seed decides where it is left out. */
  readonly phase?: Phase
  /**
   * Breaks something for about `bed.faultMs`; what it returns mends it again, and resolves when that is done. It is
   * called at a moment of the round that its seed gives, while Pods come and go. Asks nobody but `random` what to break
   * and when. Rejects only when the bed itself is broken, or with `signal`.
   */
  inject(bed: ChaosBed, random: Random, signal: AbortSignal): Promise<Injected>
}

export interface Injected extends AsyncDisposable {
  /** For the report: what has come of it, where that is not to be expected. */
  readonly note?: string
}

/** A node of its own: Docker, control plane and agent that nobody else uses. */
export interface ChaosBed {
  /** The agent under test, in a process of its own. */
  readonly agent: ChaosAgent
  /** A dockerd of the bed's own; the agent reaches it through a proxy, `docker.proxy`. */
  readonly docker: ChaosDocker
  /** Between the agent and the API server. */
  readonly api: ApiProxy
  /** etcd, API server, controllers: processes of the bed's own. */
  readonly plane: ControlPlane
  /** The administrator's way to the API server, past the proxy. Namespace and node have the same name. */
  readonly cluster: ChaosCluster
  /** What Docker itself tells of containers that are started. */
  readonly starts: StartedContainers
  readonly folders: ChaosFolders
  /** How long a fault that lasts should last. */
  readonly faultMs: number
}

export interface ChaosFolders {
  /** Of the bed; all others are in it. */
  readonly top: string
  /** The agent's --root-dir: a small file system of its own (tmpfs), so that it can be filled or made read-only. */
  readonly root: string
  readonly podLogs: string
  readonly containerLogs: string
  /** Static Pods. */
  readonly manifests: string
  /** What Pods mount with hostPath. */
  readonly host: string
}
