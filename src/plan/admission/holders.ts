import type { Pod } from '../../model/kube.ts'
import { podRequests, totalOf, type Amounts } from '../../translate/resources/pod-amounts.ts'

/** The Pods that hold a part of a node. Of a full one each of these is long, and asked for by those only who need it. */
export interface Holders {
  readonly count: number
  readonly pods: () => readonly Pod[]
  /** What they ask for together. */
  readonly requests: () => Amounts
}

/** Just these. */
export function holdersOf(pods: readonly Pod[]): Holders {
  return { count: pods.length, pods: () => pods, requests: () => totalOf(pods.map(podRequests)) }
}
