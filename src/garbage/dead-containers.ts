/**
 * Which records of containers and sandboxes nobody needs on the node as a whole
 * (pkg/kubelet/kuberuntime/kuberuntime_gc.go).
 */
import type { ContainerId, PodUid } from '../model/ids.ts'
import type { ObservedContainer, ObservedPod } from '../model/observed.ts'

/** How many dead containers are kept, and how long each is at least. Below 0 there is no bound. */
export interface DeadContainerPolicy {
  /** Since its creation, in milliseconds. */
  readonly minAgeMs: number
  /** Of one container of one Pod. */
  readonly perContainer: number
  /** On the node. */
  readonly total: number
}

export interface JudgedPod {
  readonly observed: ObservedPod
  /** `over`: nothing of it runs or will run again, and its object is still there; `evicted`: so, and it had to make room. */
  readonly standing: 'wanted' | 'over' | 'evicted'
}

export interface DeadContainerFacts {
  readonly policy: DeadContainerPolicy
  readonly nowMs: number
  /** The node is short of disk: what is over is not kept for its logs either. */
  readonly isShort: boolean
}

/**
 * The containers and sandboxes to remove, by Pod: of Pods that were evicted all, of others the oldest beyond the bounds of
 * `policy`; then sandboxes that neither run nor have a container left, but for the newest of each Pod.
 *
 * Unlike the kubelet's, it leaves the last record of a container of a Pod that goes on, whatever the bounds: how often
 * it was restarted, and how long the next start has to wait, go by that.
 */
export function deadContainers(
  pods: readonly JudgedPod[],
  { policy, nowMs, isShort }: DeadContainerFacts,
): ReadonlyMap<PodUid, ReadonlySet<ContainerId>> {
  const kept: Unit[] = []
  const removed = new Set<ContainerId>()
  for (const { observed, standing } of pods) {
    for (const [newest, unit] of unitsOf(observed, nowMs - policy.minAgeMs)) {
      if (goesWhole(standing, isShort)) keepFirst(unit, 0, removed)
      else kept.push({ containers: unit, needed: standing === 'wanted' ? newest : undefined })
    }
  }
  if (policy.perContainer >= 0) limitEach(kept, policy.perContainer, removed)
  if (policy.total >= 0) limitAll(kept, policy.total, removed)
  const garbage = new Map<PodUid, ReadonlySet<ContainerId>>()
  for (const pod of pods) {
    const containers = pod.observed.containers.filter(({ id }) => removed.has(id)).map(({ id }) => id)
    const ids = [...containers, ...deadSandboxes(pod, removed, isShort)]
    if (ids.length > 0) garbage.set(pod.observed.uid, new Set(ids))
  }
  return garbage
}

/** What ended of one container of one Pod and is old enough, newest first. */
interface Unit {
  containers: readonly ObservedContainer[]
  /** The one that stays in any case. */
  readonly needed: ContainerId | undefined
}

function goesWhole(standing: JudgedPod['standing'], isShort: boolean): boolean {
  return standing === 'evicted' || (standing === 'over' && isShort)
}

/** By the container's newest instance, dead or not. */
function unitsOf({ containers }: ObservedPod, bornBeforeMs: number): ReadonlyMap<ContainerId, ObservedContainer[]> {
  const newest = new Map<string, ContainerId>()
  const units = new Map<ContainerId, ObservedContainer[]>()
  for (const container of containers) {
    const first = newest.get(container.name) ?? container.id
    newest.set(container.name, first)
    if (container.state.phase === 'running' || container.createdAtMs > bornBeforeMs) continue
    units.set(first, [...(units.get(first) ?? []), container])
  }
  return units
}

/** Every unit keeps at most `most`. */
function limitEach(units: readonly Unit[], most: number, removed: Set<ContainerId>): void {
  for (const unit of units) {
    unit.containers = keepFirst(unit.containers, most, removed, unit.needed)
  }
}

/** Equal shares for all units, of one at least; if that is still too much, the oldest of all go. */
function limitAll(units: readonly Unit[], most: number, removed: Set<ContainerId>): void {
  const count = (): number => units.reduce((sum, { containers }) => sum + containers.length, 0)
  if (count() <= most) return
  limitEach(units, Math.max(1, Math.floor(most / units.length)), removed)
  const left = units
    .flatMap(({ containers, needed }) => containers.map((container) => ({ container, needed })))
    .toSorted((a, b) => b.container.createdAtMs - a.container.createdAtMs)
  for (const { container, needed } of left.slice(most)) if (container.id !== needed) removed.add(container.id)
}

/** Those that stay; the others are `removed`. */
function keepFirst(
  containers: readonly ObservedContainer[],
  most: number,
  removed: Set<ContainerId>,
  needed?: ContainerId,
): readonly ObservedContainer[] {
  return containers.filter(({ id }, index) => {
    const stays = index < most || id === needed
    if (!stays) removed.add(id)
    return stays
  })
}

function deadSandboxes(
  { observed, standing }: JudgedPod,
  removed: ReadonlySet<ContainerId>,
  isShort: boolean,
): readonly ContainerId[] {
  const inhabited = new Set(observed.containers.filter(({ id }) => !removed.has(id)).map(({ sandboxId }) => sandboxId))
  const replaced = goesWhole(standing, isShort) ? observed.sandboxes : observed.sandboxes.slice(1)
  return replaced.filter(({ id, state }) => state.phase !== 'running' && !inhabited.has(id)).map(({ id }) => id)
}
