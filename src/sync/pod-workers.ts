import type { PodUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import type { PodRef } from '../model/pod.ts'
import type { PodWork } from '../model/pod-work.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { PodWorker, type WorkedOnPod } from './pod-worker.ts'
import type { SyncContext } from './sync-context.ts'

export interface PodWorkersOptions {
  readonly context: SyncContext
  /** A Pod is over, and gone from this node. */
  readonly onOver: (uid: PodUid) => void
  /** A Pod that is still here has let go of its part of the node: nothing of it runs, or will run again. */
  readonly onStopped: () => void
  /** A worker has done what there was to do. */
  readonly onWorked?: (done: WorkedOnPod) => void
  readonly signal: AbortSignal
}

/** A Pod that has a worker. */
export interface WorkedPod {
  readonly uid: PodUid
  /** As it was last asked for; `undefined` of an orphan. */
  readonly pod: Pod | undefined
  readonly lifecycle: 'sync' | 'terminating' | 'terminated'
  /** The node has ended it to have room for others. */
  readonly isEvicted: boolean
  /** The names of its volumes that are set up. */
  readonly mountedVolumes: readonly string[]
}

/** One worker for each Pod that this node has anything to do for. */
export class PodWorkers {
  readonly #options: PodWorkersOptions
  readonly #workers = new Map<PodUid, { readonly worker: PodWorker; readonly done: Promise<void> }>()

  constructor(options: PodWorkersOptions) {
    this.#options = options
  }

  /** Gives a Pod's worker its newest work; makes the worker if there is none. */
  submit(ref: PodRef, work: PodWork): void {
    const running = this.#workers.get(ref.uid)
    if (running !== undefined) {
      running.worker.submit(work)
      return
    }
    const { context, onStopped, onWorked, signal } = this.#options
    const worker = new PodWorker({ ref, work, context, onStopped, onWorked })
    this.#workers.set(ref.uid, { worker, done: this.#run(ref.uid, worker, signal) })
  }

  poke(uid: PodUid): void {
    this.#workers.get(uid)?.worker.poke()
  }

  /** Docker answers again. */
  pokeAll(): void {
    for (const { worker } of this.#workers.values()) worker.retry()
  }

  /** What this Pod refers to in the API server has changed; without a UID, something that any may wait for. */
  objectsChanged(uid: PodUid | undefined): void {
    if (uid !== undefined) this.#workers.get(uid)?.worker.objectsChanged()
    else for (const { worker } of this.#workers.values()) worker.objectsChanged()
  }

  /** Images have changed in Docker. */
  imagesChanged(): void {
    for (const { worker } of this.#workers.values()) worker.imagesChanged()
  }

  has(uid: PodUid): boolean {
    return this.#workers.has(uid)
  }

  /** True for a Pod that is being run, not ended. */
  isSyncing(uid: PodUid): boolean {
    return this.#workers.get(uid)?.worker.phase === 'sync'
  }

  /** Whether a Pod holds a part of the node; `undefined` for one that has no worker. */
  isHolding(uid: PodUid): boolean | undefined {
    return this.#workers.get(uid)?.worker.isHolding()
  }

  /** Nothing of a Pod runs, and its volumes are gone: one without a worker left nothing. */
  isCleanedUp(uid: PodUid): boolean {
    return this.#workers.get(uid)?.worker.isCleanedUp ?? true
  }

  /** The volumes of a Pod that are set up, by name. */
  mountedVolumes(uid: PodUid): ReadonlyMap<string, MountedVolume> {
    return this.#workers.get(uid)?.worker.mountedVolumes ?? new Map()
  }

  /** The Pods that have a worker. */
  refs(): readonly PodRef[] {
    return [...this.#workers.values()].map(({ worker }) => worker.ref)
  }

  /** What the workers work on now, and how far they are. */
  all(): readonly WorkedPod[] {
    return [...this.#workers.values()].map(({ worker }) => ({
      uid: worker.ref.uid,
      pod: worker.pod,
      lifecycle: worker.isHolding() ? worker.phase : 'terminated',
      isEvicted: worker.isEvicted,
      mountedVolumes: [...worker.mountedVolumes.keys()],
    }))
  }

  /** Resolves when every worker has ended: after `signal` has fired, or when all Pods are over. */
  async settled(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(({ done }) => done))
  }

  async #run(uid: PodUid, worker: PodWorker, signal: AbortSignal): Promise<void> {
    await worker.run(signal)
    if (signal.aborted) return
    // In one step with the worker's end: a submit that comes now makes a new worker.
    this.#workers.delete(uid)
    this.#options.context.statuses.forget(uid)
    this.#options.context.probes.forget(uid)
    this.#options.context.objects?.forget(uid)
    this.#options.onOver(uid)
  }
}
