import type { Pod } from '../../model/kube.ts'
import { isCritical } from '../../model/pod.ts'
import { qosClass, type QosClass } from '../../translate/qos-class.ts'
import { podRequests, type Amounts } from '../../translate/resources/pod-amounts.ts'
import type { Shortage } from './resource-fit.ts'

/** What is still to be freed, by resource; all of it more than nought. */
type Needs = Amounts

/** A Pod that may have to go, and what that would free. */
interface Candidate {
  readonly pod: Pod
  readonly frees: Amounts
}

export type Preemption =
  | { readonly kind: 'victims'; readonly victims: readonly Pod[] }
  /** Not even all of them would do; `missing` says what would still be short, in the kubelet's words. */
  | { readonly kind: 'impossible'; readonly missing: string }

/**
 * The Pods that have to go so that a critical one finds room (pkg/kubelet/preemption): as few Guaranteed ones as there can
 * be if all others went, then as few Burstable ones, then of the rest what is still needed.
 */
export function choosePreemption(pod: Pod, others: readonly Pod[], lacks: readonly Shortage[]): Preemption {
  const needs: Needs = new Map(
    lacks.map(({ resource, requested, used, capacity }) => [resource, requested - (capacity - used)]),
  )
  const candidates = others
    .filter((other) => mayPreempt(pod, other))
    .map((other) => ({ pod: other, frees: new Map([...podRequests(other), ['pods', 1n] as const]) }))
  const missing = without(needs, candidates)
  if (missing.size > 0) return { kind: 'impossible', missing: describe(missing) }
  const of = (qos: QosClass): readonly Candidate[] => candidates.filter((candidate) => qosClass(candidate.pod) === qos)
  const [bestEffort, burstable] = [of('BestEffort'), of('Burstable')]
  const fromGuaranteed = nearest(of('Guaranteed'), without(needs, [...bestEffort, ...burstable]))
  const fromBurstable = nearest(burstable, without(needs, [...bestEffort, ...fromGuaranteed]))
  const fromBestEffort = nearest(bestEffort, without(needs, [...fromBurstable, ...fromGuaranteed]))
  const victims = [...fromBestEffort, ...fromBurstable, ...fromGuaranteed].map((candidate) => candidate.pod)
  return { kind: 'victims', victims }
}

/** One that is critical goes only for one of higher priority (Preemptable in pkg/kubelet/types/pod_update.go). */
function mayPreempt(pod: Pod, other: Pod): boolean {
  if (isCritical(pod) && !isCritical(other)) return true
  const [mine, theirs] = [pod.spec.priority, other.spec.priority]
  return mine !== undefined && theirs !== undefined && mine > theirs
}

/**
 * The candidates that come nearest to what is needed, one after the other, the smaller of two that come equally near.
 * All of them together are enough: that has been seen to.
 */
function nearest(candidates: readonly Candidate[], needs: Needs): readonly Candidate[] {
  const chosen: Candidate[] = []
  const left = [...candidates]
  for (let open = needs; open.size > 0 && left.length > 0; open = without(open, chosen.slice(-1))) {
    const best = left.reduce((one, other) => (isBetter(other, one, open) ? other : one))
    chosen.push(best)
    left.splice(left.indexOf(best), 1)
  }
  return chosen
}

function isBetter(one: Candidate, other: Candidate, needs: Needs): boolean {
  const [mine, theirs] = [distance(one, needs), distance(other, needs)]
  return mine === theirs ? isSmaller(one, other) : mine < theirs
}

/** How much of each need would be left open: each counts the same, and what is left counts by its square. */
function distance({ frees }: Candidate, needs: Needs): number {
  const parts = [...needs].map(([name, need]) => Number(need - (frees.get(name) ?? 0n)) / Number(need))
  return parts.reduce((sum, part) => sum + (part > 0 ? part ** 2 : 0), 0)
}

function isSmaller(one: Candidate, other: Candidate): boolean {
  for (const name of ['memory', 'cpu']) {
    const [mine, theirs] = [one.frees.get(name) ?? 0n, other.frees.get(name) ?? 0n]
    if (mine !== theirs) return mine < theirs
  }
  return true
}

function without(needs: Needs, candidates: readonly Candidate[]): Needs {
  const left = [...needs].map(([name, need]) => {
    const freed = candidates.reduce((sum, { frees }) => sum + (frees.get(name) ?? 0n), 0n)
    return [name, need - freed] as const
  })
  return new Map(left.filter(([, need]) => need > 0n))
}

function describe(needs: Needs): string {
  return `[${[...needs].map(([name, need]) => `(res: ${name}, q: ${need}), `).join('')}]`
}
