import type { Pod } from '../../model/kube.ts'
import { isStaticPod, podFullName } from '../../model/pod.ts'
import type { Holders } from '../../plan/admission/holders.ts'
import { podRequests, type Amounts } from '../../translate/resources/pod-amounts.ts'

/**
 * The Pods that hold a part of the node, while it is decided on others one after the other: what they ask for together
 * is summed up once for all of those, and each Pod's part of it worked out once for all times.
 */
export class Holdings {
  /** By the Pod as it was given what it holds. */
  readonly #requests = new WeakMap<Pod, Amounts>()
  readonly #pods = new Map<string, Pod>()
  /** Of all of them; `undefined` while nobody has asked. */
  #sum: Map<string, bigint> | undefined

  /** These hold a part now, and no others. */
  read(pods: readonly Pod[]): void {
    this.#sum = undefined
    this.#pods.clear()
    for (const pod of pods) this.#pods.set(pod.metadata.uid, pod)
  }

  /** One does from now on, or holds something else. */
  set(pod: Pod): void {
    const before = this.#pods.get(pod.metadata.uid)
    if (before === pod) return
    this.#pods.set(pod.metadata.uid, pod)
    if (this.#sum === undefined) return
    if (before !== undefined) this.#count(this.#sum, before, -1n)
    this.#count(this.#sum, pod, 1n)
  }

  /** All beside a Pod, and `promised`; not another version of the same manifest, which goes first. */
  beside(pod: Pod, promised: readonly Pod[]): Holders {
    const itself = this.#versionsOf(pod)
    const more = promised.filter((other) => !isVersionOf(pod, other))
    return {
      count: this.#pods.size - itself.length + more.length,
      pods: () => [...this.#pods.values(), ...more].filter((other) => !itself.includes(other)),
      requests: () => {
        const sum = new Map(this.#all())
        for (const other of itself) this.#count(sum, other, -1n)
        for (const other of more) this.#count(sum, other, 1n)
        return sum
      },
    }
  }

  #versionsOf(pod: Pod): readonly Pod[] {
    if (isStaticPod(pod)) return [...this.#pods.values()].filter((other) => isVersionOf(pod, other))
    const itself = this.#pods.get(pod.metadata.uid)
    return itself === undefined ? [] : [itself]
  }

  #all(): Map<string, bigint> {
    if (this.#sum !== undefined) return this.#sum
    const sum = new Map<string, bigint>()
    for (const pod of this.#pods.values()) this.#count(sum, pod, 1n)
    this.#sum = sum
    return sum
  }

  #count(sum: Map<string, bigint>, pod: Pod, times: bigint): void {
    let requests = this.#requests.get(pod)
    if (requests === undefined) {
      requests = podRequests(pod)
      this.#requests.set(pod, requests)
    }
    for (const [name, amount] of requests) sum.set(name, (sum.get(name) ?? 0n) + times * amount)
  }
}

function isVersionOf(pod: Pod, other: Pod): boolean {
  if (other.metadata.uid === pod.metadata.uid) return true
  return isStaticPod(pod) && isStaticPod(other) && podFullName(other) === podFullName(pod)
}
