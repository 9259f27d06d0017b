import type { Pod } from './kube.ts'
import { minimumGraceSeconds } from './pod.ts'
import type { PodVerdict } from './pod-verdict.ts'

/**
 * What a Pod's worker is to do. The phases go one way, sync → terminating: a later request may shorten the grace,
 * never lengthen it, and never brings a terminating Pod back (pkg/kubelet/pod_workers.go).
 */
export type PodWork =
  | { readonly phase: 'sync'; readonly pod: Pod }
  | {
      readonly phase: 'terminating'
      /** The newest spec that was seen; `undefined` for an orphan, of which only the labels in Docker are left. */
      readonly pod: Pod | undefined
      /** Seconds for each container, from the stop signal to SIGKILL. */
      readonly graceSeconds: number
      /** Nobody wants the Pod any more: its containers and volumes go, not only its processes. */
      readonly remove: boolean
      /** The Pod's object goes too although nobody deleted it: its node is being taken away. */
      readonly evict: boolean
      /** The node itself ends the Pod; the first verdict stands. */
      readonly verdict?: PodVerdict
    }

/** The work that stands after `next` arrives while `current` is being done. */
export function mergeWork(current: PodWork | undefined, next: PodWork): PodWork {
  if (current?.phase !== 'terminating') return next
  if (next.phase === 'sync') return { ...current, pod: next.pod }
  const verdict = current.verdict ?? next.verdict
  return {
    phase: 'terminating',
    pod: next.pod ?? current.pod,
    graceSeconds: Math.max(minimumGraceSeconds, Math.min(current.graceSeconds, next.graceSeconds)),
    remove: current.remove || next.remove,
    evict: current.evict || next.evict,
    ...(verdict === undefined ? {} : { verdict }),
  }
}
