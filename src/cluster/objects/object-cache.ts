import type { KubeletError } from '../../model/errors.ts'
import type { PodUid } from '../../model/ids.ts'
import type { DataObject, DataObjectRef } from '../../model/kube.ts'
import type { BackOffLimits } from '../back-off.ts'
import type { Cluster } from '../cluster.ts'
import { WatchedObject } from './watched-object.ts'

export interface ObjectCacheOptions {
  readonly cluster: Pick<Cluster, 'listObject' | 'watchObject'>
  /** What nobody has read for so long is read anew when it is needed. Longer than a Pod goes without being looked at. */
  readonly idleMs: number
  /** Something that the Pod has read, or waited for in vain, is not what it was. */
  readonly onChange: (uid: PodUid) => void
  /** An object could not be had in time, and why. */
  readonly onFault: (ref: DataObjectRef, error: KubeletError) => void
  readonly backOff?: BackOffLimits
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

interface Entry {
  readonly object: WatchedObject
  /** The Pods that read it. */
  readonly readers: Set<PodUid>
}

/**
 * The ConfigMaps and Secrets that Pods here refer to, and no others: the API server shows a node no more. Each is watched
 * by itself, once for all its readers, so 200 Pods that share one cost one list and one watch (NewWatchBasedManager in
 * pkg/kubelet/util/manager). How new an answer is: watched-object.ts.
 */
export class ObjectCache implements AsyncDisposable {
  readonly #options: ObjectCacheOptions
  readonly #entries = new Map<string, Entry>()
  /** Watches on their way to their end. */
  readonly #ending = new Set<Promise<void>>()

  constructor(options: ObjectCacheOptions) {
    this.#options = options
  }

  /** The Pod will read these soon: asks for them ahead. */
  expect(uid: PodUid, refs: readonly DataObjectRef[]): void {
    for (const ref of refs) this.#entry(uid, ref).object.expect()
  }

  /**
   * The object, for a Pod that names it, which is told from now on when it changes. Throws what
   * `WatchedObject.read` throws.
   */
  get(uid: PodUid, ref: DataObjectRef, signal: AbortSignal): Promise<DataObject> {
    return this.#entry(uid, ref).object.read(signal)
  }

  /** The Pod reads nothing any more; what only it has read is dropped. */
  forget(uid: PodUid): void {
    for (const [key, { object, readers }] of this.#entries) {
      if (!readers.delete(uid) || readers.size > 0) continue
      this.#entries.delete(key)
      const done = object.stop().finally(() => this.#ending.delete(done))
      this.#ending.add(done)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stops = [...this.#entries.values()].map(({ object }) => object.stop())
    this.#entries.clear()
    await Promise.all([...stops, ...this.#ending])
  }

  #entry(uid: PodUid, ref: DataObjectRef): Entry {
    const key = `${ref.kind} ${ref.namespace}/${ref.name}`
    const entry = this.#entries.get(key) ?? this.#newEntry(ref)
    this.#entries.set(key, entry)
    entry.readers.add(uid)
    return entry
  }

  #newEntry(ref: DataObjectRef): Entry {
    const { onChange, onFault, ...options } = this.#options
    const readers = new Set<PodUid>()
    const object = new WatchedObject(ref, {
      ...options,
      onChange: () => {
        for (const uid of readers) onChange(uid)
      },
      onFault: (error) => onFault(ref, error),
    })
    return { object, readers }
  }
}
