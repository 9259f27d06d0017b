import type { EvictionSignal } from '../model/eviction-threshold.ts'
import type { Pod } from '../model/kube.ts'
import { podRequests } from '../translate/resources/pod-amounts.ts'
import { isDiskSignal, rankedParts, type DiskLayout } from './pressure/disk-layout.ts'
import { diskUse, type PodUse } from './usage/pod-usage.ts'

/** What each Pod uses, by its UID; of one that is not in it nothing is known. */
export type PodUses = ReadonlyMap<string, PodUse>

/** A Pod, and what it uses and asks for of what there is too little of. */
interface Candidate {
  readonly pod: Pod
  readonly priority: number
  readonly isKnown: boolean
  readonly isOver: boolean
  readonly over: number
}

/**
 * The Pods in the order in which they have to go (rankMemoryPressure, rankDiskPressureFunc and rankPIDPressure in
 * pkg/kubelet/eviction/helpers.go): of memory and disks those first that use more than they asked for, then those of lower
 * priority, then those that are further beyond what they asked for; of processes by priority, then by their number. A Pod of
 * which nothing is known goes before those that are known. Equal ones stay as they are.
 */
export function rankPods(
  pods: readonly Pod[],
  uses: PodUses,
  { signal, layout }: { readonly signal: EvictionSignal; readonly layout: DiskLayout },
): readonly Pod[] {
  const candidates = pods.map((pod) => candidate(pod, uses.get(pod.metadata.uid), signal, layout))
  const byNeed = signal === 'pid.available' ? [priority, unknown, most] : [unknown, overAsked, priority, most]
  return candidates
    .toSorted((one, other) => byNeed.reduce((order, compare) => order || compare(one, other), 0))
    .map(({ pod }) => pod)
}

type Compare = (one: Candidate, other: Candidate) => number

const unknown: Compare = (one, other) => Number(one.isKnown) - Number(other.isKnown)
const overAsked: Compare = (one, other) => Number(other.isOver) - Number(one.isOver)
const priority: Compare = (one, other) => one.priority - other.priority
const most: Compare = (one, other) => other.over - one.over

function candidate(pod: Pod, use: PodUse | undefined, signal: EvictionSignal, layout: DiskLayout): Candidate {
  const own = { pod, priority: pod.spec.priority ?? 0, isKnown: use !== undefined }
  if (use === undefined) return { ...own, isOver: false, over: 0 }
  if (signal === 'pid.available') return { ...own, isOver: false, over: use.processes }
  const requests = podRequests(pod)
  if (!isDiskSignal(signal)) {
    const over = (use.memory ?? 0) - Number(requests.get('memory') ?? 0n)
    return { ...own, isOver: over > 0, over }
  }
  const { bytes, inodes } = diskUse(use, rankedParts(signal, layout))
  const asked = Number(requests.get('ephemeral-storage') ?? 0n)
  // Nobody can ask for inodes; of two Pods that have some, the kubelet takes the bytes that they asked for off all the same.
  if (signal.endsWith('.inodesFree')) return { ...own, isOver: inodes > 0, over: inodes - asked }
  return { ...own, isOver: bytes > asked, over: bytes - asked }
}
