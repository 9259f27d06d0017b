import type { PodAllocation } from '../../model/allocation.ts'
import { KubeletError } from '../../model/errors.ts'
import { podUid, type PodUid } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { isStaticPod, podRef } from '../../model/pod.ts'
import type { PodEventBody, PodEventSink } from '../../model/pod-event.ts'
import { resizeSummary, toldPending, type PendingResize, type ResizeStanding } from '../../model/resize.ts'
import type { Admission } from '../../plan/admission/admit-pod.ts'
import { inOrder, type WaitingResize } from '../../plan/resize/pending-order.ts'
import { allocationOf, isAllocated, withAllocation } from '../../translate/resources/allocation.ts'
import { Bell } from '../../util/bell.ts'
import type { ResizeRecords } from './resize-records.ts'

export interface PodResizesOptions {
  readonly records: Pick<ResizeRecords, 'get' | 'update' | 'forget'>
  /** What a Pod had been given when its sandbox was made, as far as is known. */
  readonly noted: (uid: PodUid) => PodAllocation | undefined
  /** The newest version of a Pod that may run here; `undefined` for any other. */
  readonly admitted: (uid: PodUid) => Pod | undefined
  /** Whether a Pod may have what it asks for now; `given` is the Pod with what it has been given. */
  readonly judge: (pod: Pod, given: Pod) => Admission
  readonly preempt: (victims: readonly Pod[], lacking: string) => void
  /** All Pods of this node are known, and it has been decided on each. */
  readonly isReady: () => boolean
  /** Another allocation, or another word on it, for a Pod's worker. */
  readonly onChanged: (uid: PodUid) => void
  readonly emit: PodEventSink
  /** What a Pod may have could not be kept, so that it does not get it. */
  readonly onFault: (error: KubeletError) => void
}

/** The kubelet's: how often Pods are asked again for which nothing seems to have changed, and how soon at its start. */
const retryMs = 180_000
const firstRetryMs = 30_000

/**
 * What each Pod of this node has been given, and who waits for something else (pkg/kubelet/allocation). A Pod is given
 * what it asks for when it is let in; from then on its spec is a wish, and everything goes by what it was given.
 */
export class PodResizes {
  readonly #options: PodResizesOptions
  readonly #bell = new Bell()
  /** Of Pods that were let in since this agent started. */
  readonly #given = new Map<PodUid, PodAllocation>()
  /** Those that wait, with what they ask for. */
  readonly #waiting = new Map<PodUid, string>()
  readonly #pending = new Map<PodUid, PendingResize>()
  readonly #undecided = new Set<PodUid>()
  /** What is being kept: nothing is done of it yet, but nobody else may have it. */
  readonly #promised = new Map<PodUid, PodAllocation>()
  /** Whoever counts what is left of the node asks for each Pod again and again. */
  readonly #compared = new WeakMap<Pod, { readonly allocation: PodAllocation; readonly given: Pod }>()
  #triedAtMs = 0

  constructor(options: PodResizesOptions) {
    this.#options = options
  }

  /** The Pod with what it was given in the place of what it asks for. */
  given(pod: Pod): Pod {
    const allocation = this.#allocation(podUid(pod.metadata.uid))
    if (allocation === undefined || isStaticPod(pod)) return pod
    const known = this.#compared.get(pod)
    if (known?.allocation === allocation) return known.given
    const given = withAllocation(pod, allocation)
    this.#compared.set(pod, { allocation, given })
    return given
  }

  /** The same, for whoever counts what is left of the node. */
  holding(pod: Pod): Pod {
    const promised = this.#promised.get(podUid(pod.metadata.uid))
    return promised === undefined ? this.given(pod) : withAllocation(pod, promised)
  }

  standing(uid: PodUid): ResizeStanding {
    return { pending: this.#pending.get(uid), generation: this.#options.records.get(uid)?.generation }
  }

  /**
   * It is about to be decided what a Pod may have of what it asks for now: its worker waits with this version, so that no
   * status says that it has been seen without saying what became of it.
   */
  isUndecided(uid: PodUid): boolean {
    return this.#undecided.has(uid)
  }

  /** A (new version of a) Pod that was let in: the first is given what it asks for, any other may have to wait for that. */
  look(pod: Pod): void {
    if (isStaticPod(pod)) return
    const uid = podUid(pod.metadata.uid)
    const allocation = this.#allocation(uid)
    if (allocation === undefined) this.#given.set(uid, allocationOf(pod))
    if (allocation === undefined || isAllocated(pod, allocation)) {
      this.#pending.delete(uid)
      this.#undecided.delete(uid)
      this.#waitsNoMore(uid)
      return
    }
    const wish = JSON.stringify(allocationOf(pod))
    if (this.#waiting.get(uid) === wish) return
    const told = this.#pending.get(uid) ?? toldPending(pod.status, Date.now())
    if (told !== undefined) this.#pending.set(uid, told)
    this.#waiting.set(uid, wish)
    this.#undecided.add(uid)
    this.#bell.ring()
  }

  /** Somebody may have left room. */
  retry(): void {
    if (this.#waiting.size > 0) this.#bell.ring()
  }

  forget(uid: PodUid): void {
    this.#options.records.forget(uid)
    for (const known of [this.#given, this.#pending, this.#promised, this.#undecided]) known.delete(uid)
    this.#waitsNoMore(uid)
  }

  /** Nobody is to be woken for those that wait when none does. */
  #waitsNoMore(uid: PodUid): void {
    if (this.#waiting.delete(uid) && this.#waiting.size === 0) this.#bell.ring()
  }

  /** Runs until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#triedAtMs = Date.now()
      if (this.#options.isReady()) await this.#tryAll()
      else for (const uid of this.#undecided) this.#decided(uid)
      await this.#bell.wait(this.#nextTryMs(), signal)
    }
  }

  #nextTryMs(): number | undefined {
    if (this.#waiting.size === 0) return undefined
    return this.#triedAtMs + (this.#options.isReady() ? retryMs : firstRetryMs)
  }

  async #tryAll(): Promise<void> {
    for (const { pod } of inOrder([...this.#waiting.keys()].flatMap((uid) => this.#wish(uid) ?? []))) {
      // Somebody before it may have changed what is known of it.
      const uid = podUid(pod.metadata.uid)
      const wish = this.#wish(uid)
      if (wish === undefined) continue
      await this.#try(uid, wish)
      this.#decided(uid)
    }
  }

  #wish(uid: PodUid): WaitingResize | undefined {
    const pod = this.#options.admitted(uid)
    if (pod === undefined) this.#waiting.delete(uid)
    if (pod === undefined || !this.#waiting.has(uid)) return undefined
    return { pod, given: this.given(pod), sinceMs: this.#pending.get(uid)?.sinceMs }
  }

  async #try(uid: PodUid, { pod, given }: WaitingResize): Promise<void> {
    const admission = this.#options.judge(pod, given)
    switch (admission.kind) {
      case 'admitted':
        return this.#accept(uid, pod)
      case 'rejected':
        return this.#defer(uid, pod, admission.refusal)
      // It is asked again when they have gone.
      case 'preempts':
        return this.#options.preempt(admission.victims, admission.lacking)
      default:
        admission satisfies never
    }
  }

  /** What it was given is kept before anything is done of it. */
  async #accept(uid: PodUid, pod: Pod): Promise<void> {
    const { records, onFault } = this.#options
    const generation = pod.metadata.generation ?? 0
    const allocation = allocationOf(pod)
    this.#promised.set(uid, allocation)
    try {
      await records.update(uid, (before) => ({ allocation, generation, containers: before?.containers ?? new Map() }))
    } catch (error) {
      onFault(KubeletError.from(error))
      return
    } finally {
      this.#promised.delete(uid)
    }
    this.#waiting.delete(uid)
    this.#pending.delete(uid)
    this.#tell(pod, { kind: 'resize-started', resources: resizeSummary(pod, generation) })
    // It may have asked for less, and for something else meanwhile.
    this.#bell.ring()
  }

  #defer(uid: PodUid, pod: Pod, { reason, message }: { readonly reason: string; readonly message: string }): void {
    const generation = pod.metadata.generation ?? 0
    const before = this.#pending.get(uid)
    const atMs = Date.now()
    this.#pending.set(uid, { message, generation, sinceMs: before?.sinceMs ?? atMs, atMs })
    const isNews = before?.generation !== generation
    if (isNews)
      this.#tell(pod, { kind: 'resize-deferred', reason, error: message, resources: resizeSummary(pod, generation) })
  }

  /** Whatever it is: its worker gets to know. */
  #decided(uid: PodUid): void {
    this.#undecided.delete(uid)
    this.#options.onChanged(uid)
  }

  #tell(pod: Pod, body: PodEventBody): void {
    this.#options.emit({ ...body, pod: podRef(pod), atMs: Date.now() })
  }

  #allocation(uid: PodUid): PodAllocation | undefined {
    return this.#options.records.get(uid)?.allocation ?? this.#given.get(uid) ?? this.#options.noted(uid)
  }
}
