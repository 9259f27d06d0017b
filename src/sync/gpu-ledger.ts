import type { PodUid } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { runningSandbox, type ObservedPod } from '../model/observed.ts'
import { initContainers, isSidecar } from '../model/pod.ts'
import { chooseGpus, gpusAsked } from '../translate/resources/gpus.ts'

/** By container. */
type Given = Map<string, readonly string[]>

/** What Docker holds of the node's Pods. */
interface Seen {
  uids(): readonly PodUid[]
  get(uid: PodUid): ObservedPod
}

/**
 * Who has which GPU: no two containers have the same. A Pod keeps what it was given until it is over. What an agent before
 * this one gave is what Docker was asked for.
 */
export class GpuLedger {
  readonly #all: readonly string[]
  readonly #observed: Seen
  readonly #pods = new Map<string, Given>()

  /** `all`: every GPU of the node, by Docker's id; none where Docker cannot hand out any. */
  constructor(all: readonly string[], observed: Seen) {
    this.#all = all
    this.#observed = observed
  }

  /**
   * The GPUs of a container, for each of its instances the same. None where it asks for none, or the node has none: somebody
   * else gives them then. Throws `invalid` where there are not enough.
   */
  take(pod: Pod, container: ContainerSpec): readonly string[] {
    const wanted = gpusAsked(container)
    if (wanted === 0 || this.#all.length === 0) return []
    this.#learn()
    const { uid } = pod.metadata
    const own: Given = this.#pods.get(uid) ?? new Map<string, readonly string[]>()
    const had = own.get(container.name)
    if (had?.length === wanted) return had
    const ended = new Set(initContainers(pod).flatMap((init) => (isSidecar(init) ? [] : init.name)))
    const reusable = [...own].flatMap(([name, gpus]) => (ended.has(name) ? gpus : []))
    const beside = [...own].flatMap(([name, gpus]) => (ended.has(name) || name === container.name ? [] : gpus))
    const others = [...this.#pods].flatMap(([other, given]) => (other === uid ? [] : [...given.values()].flat()))
    const kept = reusable.filter((gpu) => !beside.includes(gpu))
    const gpus = chooseGpus(wanted, { all: this.#all, taken: new Set([...beside, ...others]), reusable: kept })
    this.#pods.set(uid, own.set(container.name, gpus))
    return gpus
  }

  /** A Pod is over: what it had is free. */
  release(uid: string): void {
    this.#pods.delete(uid)
  }

  /** What Docker holds of Pods that this agent has given nothing to, and that run. */
  #learn(): void {
    for (const uid of this.#observed.uids()) {
      if (this.#pods.has(uid)) continue
      const pod = this.#observed.get(uid)
      if (runningSandbox(pod) === undefined) continue
      const given: Given = new Map()
      // The newest instances come first.
      for (const { name, gpus = [] } of pod.containers) if (gpus.length > 0 && !given.has(name)) given.set(name, gpus)
      if (given.size > 0) this.#pods.set(uid, given)
    }
  }
}
