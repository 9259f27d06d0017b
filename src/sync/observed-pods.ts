import type { Engine, EngineSummary } from '../engine/engine.ts'
import type { PodAllocation } from '../model/allocation.ts'
import type { ContainerId, PodUid } from '../model/ids.ts'
import type {
  ContainerState,
  ObservedContainer,
  ObservedObject,
  ObservedOwner,
  ObservedPod,
  ObservedSandbox,
} from '../model/observed.ts'

interface Entry {
  /** `undefined` while nobody has looked. */
  object: ObservedObject | undefined
  /** Docker may know better by now: look before believing. */
  stale: boolean
  /** Counts what made it stale, so that a look that began before the last of these does not clear the mark. */
  version: number
  /** What the last of these said that it is by now, if it said so: a look that finds that has come late enough. */
  told: ContainerState['phase'] | undefined
}

/**
 * What Docker holds for this node's Pods, remembered, so that Docker is asked only about what may have changed. Events
 * and the relist mark things stale; `refresh` looks at just those.
 */
export class ObservedPods {
  readonly #engine: Engine
  readonly #pods = new Map<PodUid, Map<ContainerId, Entry>>()
  readonly #owners = new Map<PodUid, ObservedOwner>()
  readonly #allocations = new Map<PodUid, PodAllocation>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The Pods of which Docker holds anything. */
  uids(): readonly PodUid[] {
    return [...this.#pods.keys()]
  }

  /** Whether Docker holds anything of a Pod, looked at or not. */
  has(uid: PodUid): boolean {
    return this.#pods.has(uid)
  }

  /** Whose these are, as far as a list or somebody who looked has said. */
  owners(): readonly ObservedOwner[] {
    return [...this.#owners.values()]
  }

  /** What a Pod had been given when one of its sandboxes was made, as far as a list has said. */
  allocation(uid: PodUid): PodAllocation | undefined {
    return this.#allocations.get(uid)
  }

  /** Whether any container of a Pod runs, as far as is known. */
  isRunning(uid: PodUid): boolean {
    for (const { object } of this.#pods.get(uid)?.values() ?? []) {
      if (object?.kind === 'container' && object.state.phase === 'running') return true
    }
    return false
  }

  /** What is known of a Pod now, without asking Docker. */
  get(uid: PodUid): ObservedPod {
    const objects = [...(this.#pods.get(uid)?.values() ?? [])].flatMap(({ object }) => object ?? [])
    return {
      uid,
      sandboxes: objects.filter((object): object is ObservedSandbox => object.kind === 'sandbox').toSorted(newestFirst),
      containers: objects
        .filter((object): object is ObservedContainer => object.kind === 'container')
        .toSorted(newestFirst),
    }
  }

  /** What Docker holds for a Pod: looks at everything that is stale, side by side. */
  async refresh(uid: PodUid, signal: AbortSignal): Promise<ObservedPod> {
    const stale = [...(this.#pods.get(uid) ?? [])].filter(([, entry]) => entry.stale)
    await Promise.all(
      stale.map(async ([id, entry]) => {
        const { version } = entry
        const object = await this.#engine.inspect(id, signal)
        if (object === undefined) {
          this.drop(uid, id)
          return
        }
        entry.object = object
        entry.stale = entry.version !== version && entry.told !== object.state.phase
      }),
    )
    return this.get(uid)
  }

  /** Something is known to be so, first hand. */
  put(object: ObservedObject): void {
    this.#owners.set(object.owner.podUid, object.owner)
    const entry = this.#entry(object.owner.podUid, object.id)
    entry.object = object
    entry.stale = false
    entry.version += 1
  }

  /** `told` is the phase that an event says it has come to. */
  markStale(uid: PodUid, id: ContainerId, told?: ContainerState['phase']): void {
    const entry = this.#entry(uid, id)
    entry.stale = true
    entry.version += 1
    entry.told = told
  }

  drop(uid: PodUid, id: ContainerId): void {
    const pod = this.#pods.get(uid)
    pod?.delete(id)
    if (pod?.size !== 0) return
    this.#pods.delete(uid)
    this.#owners.delete(uid)
    this.#allocations.delete(uid)
  }

  /** The last known state of one object; `undefined` when it is unknown or nobody has looked. */
  find(uid: PodUid, id: ContainerId): ObservedObject | undefined {
    return this.#pods.get(uid)?.get(id)?.object
  }

  /**
   * Compares with a list of everything: marks what differs and drops what is gone. `known` are the ids that were known
   * when the list was asked for: what came since is not missing from it. Returns the Pods that something changed for.
   */
  applyList(summaries: readonly EngineSummary[], known: ReadonlySet<ContainerId>): ReadonlySet<PodUid> {
    const changed = new Set<PodUid>()
    const listed = new Set<ContainerId>()
    for (const { id, owner, phase, allocation } of summaries) {
      const { podUid } = owner
      this.#owners.set(podUid, owner)
      if (allocation !== undefined) this.#allocations.set(podUid, allocation)
      listed.add(id)
      const object = this.find(podUid, id)
      if (object !== undefined && isListedAs(object.state, phase)) continue
      this.markStale(podUid, id)
      changed.add(podUid)
    }
    for (const [uid, pod] of this.#pods) {
      for (const id of pod.keys()) {
        if (listed.has(id) || !known.has(id)) continue
        this.drop(uid, id)
        changed.add(uid)
      }
    }
    return changed
  }

  /** Every id that is known now. */
  ids(): ReadonlySet<ContainerId> {
    return new Set([...this.#pods.values()].flatMap((pod) => [...pod.keys()]))
  }

  #entry(uid: PodUid, id: ContainerId): Entry {
    let pod = this.#pods.get(uid)
    if (pod === undefined) {
      pod = new Map()
      this.#pods.set(uid, pod)
    }
    let entry = pod.get(id)
    if (entry === undefined) {
      entry = { object: undefined, stale: true, version: 0, told: undefined }
      pod.set(id, entry)
    }
    return entry
  }
}

/** A list shows what could not be started as created for ever; only a look tells that Docker has tried. */
function isListedAs(state: ContainerState, phase: EngineSummary['phase']): boolean {
  return state.phase === phase || (state.phase === 'exited' && state.cannotRun && phase === 'created')
}

/** Higher attempt first; of one attempt (a name that was taken twice) the later. */
function newestFirst(a: ObservedObject, b: ObservedObject): number {
  return b.attempt - a.attempt || b.createdAtMs - a.createdAtMs
}
