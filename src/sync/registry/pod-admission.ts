import { KubeletError } from '../../model/errors.ts'
import { podUid, type PodUid } from '../../model/ids.ts'
import type { KubeNode, Pod } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import type { DisruptedPod, RejectedPod } from '../../model/pod-verdict.ts'
import type { AdmissionFacts } from '../../plan/admission/admission-facts.ts'
import { admitPod, type Admission } from '../../plan/admission/admit-pod.ts'
import { asksForUnknown } from '../../plan/admission/resource-fit.ts'
import { Bell } from '../../util/bell.ts'
import { Holdings } from './holdings.ts'
import { Preemptions } from './preemptions.ts'

/** What admission has to know of the node. */
export interface AdmissionNode extends Pick<AdmissionFacts, 'own' | 'unsafeSysctls' | 'hasAppArmor'> {
  /** Reads the Node from the API server; `undefined` where there is none. */
  readonly readNode: ((signal: AbortSignal) => Promise<KubeNode>) | undefined
  /** What the node is short of now. */
  readonly pressures: () => AdmissionFacts['pressures']
  /** The machine shuts down. */
  readonly isShuttingDown: () => boolean
  /** Told of what keeps the Node from being read, and so Pods waiting. */
  readonly onFault: (error: KubeletError) => void
}

export interface PodAdmissionOptions extends AdmissionNode {
  /** The Pods that hold a part of the node. */
  readonly holders: () => readonly Pod[]
  /** One of them, as it is counted; `undefined` for a Pod that holds no part. */
  readonly holder: (uid: PodUid) => Pod | undefined
  /** Docker holds something of the Pod. */
  readonly isHere: (uid: PodUid) => boolean
  /** It has been decided on a Pod that was waiting. */
  readonly onDecided: (uid: PodUid) => void
  /** Ends a Pod to make room for another. */
  readonly preempt: (victim: Pod, verdict: DisruptedPod) => void
  /** A Pod that was to make room takes longer than it may. */
  readonly onOverdue: (victim: Pod) => void
}

/** What has been decided on a Pod. */
export type Standing = { readonly kind: 'waiting' } | { readonly kind: 'admitted' } | RejectedPod

const preempting: DisruptedPod = {
  kind: 'disrupted',
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  condition: 'Pod was preempted by Kubelet to accommodate a critical pod.',
}
const firstRetryMs = 1000
const maxRetryMs = 10_000

/**
 * Decides once on each Pod that comes whether it may run here. Those that were here before this agent come first, then the
 * older ones; Pods of the API server wait until all of them and the Node have been seen, static Pods for nobody.
 */
export class PodAdmission {
  readonly #options: PodAdmissionOptions
  readonly #bell = new Bell()
  readonly #standings = new Map<PodUid, Standing>()
  /** The newest spec of each Pod that waits, in the order in which they came. */
  readonly #waiting = new Map<PodUid, Pod>()
  readonly #preemptions: Preemptions
  readonly #holdings = new Holdings()
  /** Those that the Node is to be read for, and those that it has been read for. */
  readonly #doubtful = new Set<PodUid>()
  readonly #fresh = new Set<PodUid>()
  #node: KubeNode | undefined
  #isListed = false
  #failures = 0
  #readAtMs = 0

  constructor(options: PodAdmissionOptions) {
    this.#options = options
    this.#preemptions = new Preemptions(options)
  }

  /** What has been decided on a Pod; one that is new waits from now on, and `onDecided` tells when it doesn't any more. */
  ask(pod: Pod): Standing {
    const uid = podUid(pod.metadata.uid)
    const standing = this.#standings.get(uid) ?? { kind: 'waiting' }
    this.#standings.set(uid, standing)
    if (standing.kind !== 'waiting') return standing
    this.#waiting.set(uid, pod)
    this.#bell.ring()
    return standing
  }

  /** Whether a Pod that was let in may have what it asks for now; `given` is the Pod with what it was given. */
  judgeResize(pod: Pod, given: Pod): Admission {
    this.#holdings.read(this.#options.holders())
    return this.#judge(pod, { isHere: false, given })
  }

  /** It has not been decided on every Pod that is known. */
  get isDeciding(): boolean {
    return this.#waiting.size > 0
  }

  hasAdmitted(uid: PodUid): boolean {
    return this.#standings.get(uid)?.kind === 'admitted'
  }

  /** A Pod has no need of an answer any more: it is to end, or gone. */
  forget(uid: PodUid): void {
    this.#standings.delete(uid)
    this.#withdraw(uid)
  }

  /** The Node that Pods are let in by. */
  get node(): KubeNode {
    return this.#node ?? this.#options.own
  }

  /** The API server has (a new version of) the Node. */
  setNode(node: KubeNode): void {
    this.#node = node
    this.#bell.ring()
  }

  /** The API server has told of all its Pods. */
  listed(): void {
    this.#isListed = true
    this.#bell.ring()
  }

  /** A Pod may have left room. */
  look(): void {
    if (this.#waiting.size > 0) this.#bell.ring()
  }

  /** Ends Pods to make room for one that can't do without; `lacking` is the resource that there is too little of. */
  preempt(victims: readonly Pod[], lacking: string): void {
    for (const victim of victims) this.#options.preempt(victim, { ...preempting, signal: lacking })
  }

  /** Runs until `signal` fires. Never rejects. The Node is read in the background: nobody waits for it who needn't. */
  async run(signal: AbortSignal): Promise<void> {
    let reading: Promise<void> | undefined
    while (!signal.aborted) {
      this.#decideAll()
      const canRead = this.#doubtful.size > 0 && reading === undefined
      if (canRead && Date.now() >= this.#readAtMs) {
        reading = this.#readNode(signal).finally(() => {
          reading = undefined
          this.#bell.ring()
        })
      }
      const readAtMs = canRead && reading === undefined ? this.#readAtMs : undefined
      await this.#bell.wait(earliest(this.#preemptions.nextOverdueMs, readAtMs), signal)
    }
    await reading
  }

  #decideAll(): void {
    for (const uid of this.#preemptions.over()) this.#settle(uid, { kind: 'admitted' })
    const inTurn = this.#inTurn()
    if (inTurn.length > 0) this.#holdings.read(this.#options.holders())
    for (const [uid, pod] of inTurn) {
      const admission = this.#judge(pod, { isHere: this.#options.isHere(uid) })
      if (this.#mayBeStale(uid, pod, admission)) this.#doubtful.add(uid)
      else this.#take(uid, pod, admission)
      const holder = this.#options.holder(uid)
      if (holder !== undefined) this.#holdings.set(holder)
    }
  }

  /** Those that can be decided on now. */
  #inTurn(): readonly (readonly [PodUid, Pod])[] {
    const { isHere, readNode } = this.#options
    const knowsApi = readNode === undefined || (this.#node !== undefined && this.#isListed)
    return [...this.#waiting]
      .filter(([, pod]) => knowsApi || isStaticPod(pod))
      .map(([uid, pod]) => ({ uid, pod, isHere: isHere(uid), createdAt: pod.metadata.creationTimestamp ?? '' }))
      .toSorted((a, b) => Number(b.isHere) - Number(a.isHere) || compare(a.createdAt, b.createdAt))
      .map(({ uid, pod }) => [uid, pod])
  }

  #judge(pod: Pod, itself: Pick<AdmissionFacts, 'isHere' | 'given'>): Admission {
    const { own, unsafeSysctls, hasAppArmor, pressures, isShuttingDown } = this.#options
    const now = { pressures: pressures(), isShuttingDown: isShuttingDown() }
    const facts = { node: this.#merged(), own, unsafeSysctls, hasAppArmor, ...now, ...itself }
    return admitPod(pod, { ...facts, others: this.#holdings.beside(pod, this.#preemptions.claimants()) })
  }

  /** What the API server does not say of the Node, the agent does. */
  #merged(): KubeNode {
    const { own } = this.#options
    const node = this.#node ?? own
    const allocatable = { ...own.status?.allocatable, ...node.status?.allocatable }
    return { ...node, status: { ...node.status, allocatable } }
  }

  /** Whether a newer Node than the known one may lead to another answer, and none has been read for this Pod. */
  #mayBeStale(uid: PodUid, pod: Pod, admission: Admission): boolean {
    if (this.#options.readNode === undefined || this.#fresh.has(uid)) return false
    return (admission.kind === 'rejected' && admission.isNodes) || asksForUnknown(pod, this.#merged())
  }

  /** Reads the Node for those that are in doubt now. */
  async #readNode(signal: AbortSignal): Promise<void> {
    const asking = [...this.#doubtful]
    try {
      this.#node = (await this.#options.readNode?.(signal)) ?? this.#node
    } catch (error) {
      const fault = KubeletError.from(error)
      // Not made yet, or taken away: then what the agent knows is all that there is.
      if (fault.code !== 'not-found') {
        if (fault.code !== 'aborted') this.#options.onFault(fault)
        this.#readAtMs = Date.now() + Math.min(maxRetryMs, firstRetryMs * 2 ** this.#failures)
        this.#failures += 1
        return
      }
    }
    this.#failures = 0
    for (const uid of asking) if (this.#doubtful.delete(uid)) this.#fresh.add(uid)
  }

  #take(uid: PodUid, pod: Pod, admission: Admission): void {
    switch (admission.kind) {
      case 'admitted':
        this.#settle(uid, admission)
        return
      // Whoever finds no room while some is being made is asked again when it is.
      case 'rejected':
        if (!this.#preemptions.isAnyUnderWay) this.#settle(uid, { kind: 'rejected', ...admission.refusal })
        return
      case 'preempts':
        if (this.#preemptions.isAnyUnderWay) return
        this.#preemptions.begin(pod, admission.victims)
        this.preempt(admission.victims, admission.lacking)
        return
      default:
        admission satisfies never
    }
  }

  #settle(uid: PodUid, standing: Standing): void {
    this.#withdraw(uid)
    this.#standings.set(uid, standing)
    this.#options.onDecided(uid)
  }

  #withdraw(uid: PodUid): void {
    this.#waiting.delete(uid)
    this.#doubtful.delete(uid)
    this.#fresh.delete(uid)
    this.#preemptions.withdraw(uid)
  }
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
