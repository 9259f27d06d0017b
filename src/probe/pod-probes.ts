import type { Pod, PodStatus } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import type { ProbeVerdicts } from '../model/probe.ts'

/** A Pod as one pass has seen it. */
export interface SeenPod {
  readonly observed: ObservedPod
  /** Its last status: the API server's at first, then our own. */
  readonly previous: PodStatus | undefined
  /** Where it is asked when a probe names no host; empty while it has no address. */
  readonly podIp: string
  /** Its end is decided: only its readiness is asked for any more. */
  readonly isEnding: boolean
}

/** The probes of all Pods, as a Pod's worker sees them. */
export interface PodProbes {
  /**
   * Begins to ask the containers that run now and have probes, ends to ask those that don't run any more, and returns
   * what is held of the running ones, by container name. Never waits. When that changes the Pod is poked.
   */
  look(pod: Pod, seen: SeenPod): ReadonlyMap<string, ProbeVerdicts>

  /** The Pod is over. */
  forget(uid: string): void
}
