import type { Pod } from './kube.ts'
import type { ResizeStanding } from './resize.ts'
import { stopGraceSeconds } from './pod.ts'
import type { PodVerdict } from './pod-verdict.ts'

/**
 * What a Pod's worker is to do. The phases go one way, sync → terminating: a later request may shorten the grace,
 * never lengthen it, and never brings a terminating Pod back (pkg/kubelet/pod_workers.go).
 */
export type PodWork =
  /** `pod` with what it was given; `resize`: how it stands with what it asks for, once that has been another. */
  | { readonly phase: 'sync'; readonly pod: Pod; readonly resize?: ResizeStanding }
  | {
      readonly phase: 'terminating'
      /** The newest spec that was seen; `undefined` for an orphan, of which only the labels in Docker are left. */
      readonly pod: Pod | undefined
      /** Seconds for the end of each container, hooks included; at least 1. */
      readonly graceSeconds: number
      /** Nobody wants the Pod any more: its containers and volumes go, not only its processes. */
      readonly remove: boolean
      /** The Pod's object goes too although nobody deleted it: its node is being taken away. */
      readonly evict: boolean
      /** The node itself ends the Pod; the first verdict stands. */
      readonly verdict?: PodVerdict
    }

/** The grace of a Pod's end: never less than a second (calculateEffectiveGracePeriod in pkg/kubelet/pod_workers.go). */
export function podGraceSeconds(pod: Pod): number {
  return Math.max(1, stopGraceSeconds(pod))
}

/** The work that stands after `next` arrives while `current` is being done. */
export function mergeWork(current: PodWork | undefined, next: PodWork): PodWork {
  if (current?.phase !== 'terminating') return next
  if (next.phase === 'sync') return { ...current, pod: next.pod }
  const verdict = current.verdict ?? next.verdict
  return {
    phase: 'terminating',
    pod: next.pod ?? current.pod,
    graceSeconds: Math.min(current.graceSeconds, next.graceSeconds),
    remove: current.remove || next.remove,
    evict: current.evict || next.evict,
    ...(verdict === undefined ? {} : { verdict }),
  }
}

/** Whether the Pod ends, or has ended under an agent before this one, for others to have room: nothing of it is kept. */
export function hasMadeRoom(work: PodWork): boolean {
  if (work.phase === 'sync') return false
  if (work.verdict !== undefined) return work.verdict.kind === 'disrupted'
  const { phase, reason = '' } = work.pod?.status ?? {}
  return phase === 'Failed' && ['Evicted', 'Preempting'].includes(reason)
}
