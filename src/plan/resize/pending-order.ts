import type { Pod } from '../../model/kube.ts'
import { asksForMore } from '../../translate/resources/pod-amounts.ts'
import { qosClass } from '../../translate/qos-class.ts'

/** A Pod that asks for something else than it was given. */
export interface WaitingResize {
  readonly pod: Pod
  /** The Pod with what it was given. */
  readonly given: Pod
  /** Since when it has been told that it waits, epoch milliseconds; `undefined` before it was told. */
  readonly sinceMs: number | undefined
}

/**
 * Who is asked first (sortPendingResizes in pkg/kubelet/allocation): those that ask for no more, then the more important,
 * then those that are Guaranteed what they ask for, then those that have waited longest.
 */
export function inOrder<T extends WaitingResize>(waiting: readonly T[]): readonly T[] {
  const ranked = waiting.map((one) => ({ one, rank: rankOf(one) }))
  return ranked.toSorted((a, b) => compare(a.rank, b.rank)).map(({ one }) => one)
}

/** Lower goes first. */
function rankOf({ pod, given, sinceMs }: WaitingResize): readonly number[] {
  return [
    asksForMore(pod, given) ? 1 : 0,
    -(pod.spec.priority ?? 0),
    qosClass(pod) === 'Guaranteed' ? 0 : 1,
    sinceMs ?? Number.MAX_SAFE_INTEGER,
  ]
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((rank, position) => rank !== other[position])
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}
