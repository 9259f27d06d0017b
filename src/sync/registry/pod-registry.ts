import { isManifestHash, podUid, type PodUid } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { hasTerminalPhase, isMirrorPod, isStaticPod, isTerminating, podFullName, podRef } from '../../model/pod.ts'
import type { PodEventSink } from '../../model/pod-event.ts'
import type { PodVerdict } from '../../model/pod-verdict.ts'
import { podGraceSeconds, type PodWork } from '../../model/pod-work.ts'
import type { ObservedPods } from '../observed-pods.ts'
import { PodResizes, type PodResizesOptions } from '../resize/pod-resizes.ts'
import { endOfOrphan, isAnything, notStatic, orphanRef, workFor } from './wanted-work.ts'
import { SparedOrphans } from './spared-orphans.ts'
import { PodAdmission, type AdmissionNode } from './pod-admission.ts'
import type { PodWorkers } from '../pod-workers.ts'

/** Where Pods come from. */
export type PodSourceName = 'api' | 'file'

export interface PodRegistryOptions {
  readonly sources: readonly PodSourceName[]
  readonly observed: ObservedPods
  readonly admission: AdmissionNode
  readonly resizes: Pick<PodResizesOptions, 'records' | 'onFault'>
  readonly emit: PodEventSink
  /** UIDs that have a directory on this node, but for those that are known. */
  readonly directories: (isKnown: (uid: string) => boolean) => Promise<readonly string[]>
  /** A source has (a new version of) a Pod that this node is to run. */
  readonly onPod?: (pod: Pod) => void
  /** Every source has spoken: orphans can be told from Pods. */
  readonly onSynced: () => void
  /** Something was found of a Pod that no source has. */
  readonly onOrphan?: () => void
}

/**
 * Which Pods this node should have, by what its sources say, and what that means for their workers. A Pod that Docker
 * holds and no source wants is an orphan; nobody can tell before every source has spoken.
 */
export class PodRegistry {
  /** Decides which of them may run. */
  readonly admission: PodAdmission
  /** Decides what they may have. */
  readonly resizes: PodResizes
  readonly spared = new SparedOrphans()
  readonly #options: PodRegistryOptions
  readonly #workers: PodWorkers
  readonly #pods = new Map<PodUid, Pod>()
  /** Static Pods that wait for the older version of their manifest to end, by full name. */
  readonly #blocked = new Map<string, Pod>()
  /** Deleted Pods that are over here, and whose objects are still on their way out. */
  readonly #finished = new Set<PodUid>()
  readonly #unsynced: Set<PodSourceName>

  constructor(workers: PodWorkers, options: PodRegistryOptions) {
    this.#workers = workers
    this.#options = options
    this.#unsynced = new Set(options.sources)
    this.admission = new PodAdmission({
      ...options.admission,
      holders: () => [...this.#pods.keys()].flatMap((uid) => this.#holder(uid) ?? []),
      holder: (uid) => this.#holder(uid),
      isHere: (uid) => options.observed.has(uid),
      onDecided: (uid) => {
        this.#startAgain(uid)
        this.resizes.retry()
      },
      preempt: (victim, verdict) => {
        const graceSeconds = podGraceSeconds(victim)
        const work: PodWork = { phase: 'terminating', pod: victim, graceSeconds, remove: false, evict: false, verdict }
        workers.submit(podRef(victim), work)
      },
      onOverdue: (victim) => options.emit({ kind: 'pod-overdue', pod: podRef(victim), atMs: Date.now() }),
    })
    this.resizes = new PodResizes({
      ...options.resizes,
      emit: options.emit,
      noted: (uid) => options.observed.allocation(uid),
      admitted: (uid) => (this.admission.hasAdmitted(uid) ? this.#pods.get(uid) : undefined),
      judge: (pod, given) => this.admission.judgeResize(pod, given),
      preempt: (victims, lacking) => this.admission.preempt(victims, lacking),
      isReady: () => this.synced && !this.admission.isDeciding,
      onChanged: (uid) => this.#startAgain(uid),
    })
  }

  /** Decides what there is to decide, until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.admission.run(signal), this.resizes.run(signal)])
  }

  /** A Pod has let go of a part of the node. */
  roomMade(): void {
    this.admission.look()
    this.resizes.retry()
  }

  /** Every Pod that is wanted, for `/pods`. */
  pods(): readonly Pod[] {
    return [...this.#pods.values()]
  }

  /** Those that are to run on: not those that end. */
  running(): readonly Pod[] {
    return this.pods().filter(({ metadata }) => this.#workers.isSyncing(podUid(metadata.uid)))
  }

  /** The same with what they were given, whatever they ask for. */
  runningAsGiven(): readonly Pod[] {
    return this.running().map((pod) => this.resizes.given(pod))
  }

  /** The node ends a Pod, within at least a second; its object stays. One that ends already only a shutdown hurries. */
  evict(uid: PodUid, verdict: PodVerdict, wantedSeconds = 1): void {
    const asked = this.#pods.get(uid)
    const mayEnd = verdict.kind === 'shut-down' ? this.#workers.has(uid) : this.#workers.isSyncing(uid)
    if (asked === undefined || !mayEnd) return
    const pod = this.resizes.given(asked)
    const graceSeconds = Math.max(1, wantedSeconds)
    this.#workers.submit(podRef(pod), { phase: 'terminating', pod, graceSeconds, remove: false, evict: false, verdict })
  }

  isWanted(uid: PodUid): boolean {
    return this.#pods.has(uid)
  }

  /** True when every source has delivered all its Pods once. */
  get synced(): boolean {
    return this.#unsynced.size === 0
  }

  /** True when every source has spoken, and no manifest is broken whose Pods nobody knows. */
  get knowsStaticPods(): boolean {
    return this.synced && !this.spared.ofManifests
  }

  /** A source has (a new version of) a Pod. */
  set(given: Pod, source: PodSourceName): void {
    // Some kubelet's static Pod, shown by the API server: whoever made it runs it from its manifest.
    if (isMirrorPod(given)) return
    const pod = source === 'api' ? notStatic(given) : given
    const ref = podRef(pod)
    const known = this.#pods.has(ref.uid)
    this.#pods.set(ref.uid, pod)
    if (!known) this.#options.emit({ kind: 'pod-seen', source, pod: ref, atMs: Date.now() })
    if (this.#finished.has(ref.uid)) return
    this.#start(pod)
    this.#options.onPod?.(pod)
  }

  #startAgain(uid: PodUid): void {
    const pod = this.#pods.get(uid)
    if (pod !== undefined) this.#start(pod)
  }

  /** Gives a Pod to its worker, unless it has to wait: to be let in, or for another version of itself to end. */
  #start(pod: Pod): void {
    const ref = podRef(pod)
    const work = this.#workFor(pod)
    if (work === undefined) return
    if (work.phase === 'sync' && this.resizes.isUndecided(ref.uid) && this.#workers.has(ref.uid)) return
    this.#endReplaced(pod)
    if (!this.#workers.has(ref.uid) && this.#olderVersionRuns(pod)) {
      this.#blocked.set(podFullName(pod), pod)
      return
    }
    // Over before this agent knew of it, and nothing of it is here: only its object is left to be finished.
    this.#workers.submit(ref, work)
  }

  /** What a Pod's object asks of its worker; `undefined` as long as nobody has said that it may run. */
  #workFor(asked: Pod): PodWork | undefined {
    const pod = this.resizes.given(asked)
    const uid = podUid(pod.metadata.uid)
    const work = workFor(pod)
    if (work.phase === 'terminating') {
      this.admission.forget(uid)
      return work
    }
    const standing = this.admission.ask(pod)
    switch (standing.kind) {
      case 'waiting':
        return undefined
      case 'admitted':
        this.resizes.look(asked)
        return { ...work, resize: this.resizes.standing(uid) }
      case 'rejected': {
        const graceSeconds = podGraceSeconds(pod)
        return { phase: 'terminating', pod, graceSeconds, remove: false, evict: false, verdict: standing }
      }
      default:
        return standing satisfies never
    }
  }

  /** A Pod that holds a part of the node: let in, and not over. */
  #holder(uid: PodUid): Pod | undefined {
    const pod = this.#pods.get(uid)
    const isHolding = this.#workers.isHolding(uid) ?? this.admission.hasAdmitted(uid)
    return pod !== undefined && isHolding ? this.resizes.holding(pod) : undefined
  }

  /** A source does not have the Pod any more. */
  removed(pod: Pod): void {
    const ref = podRef(pod)
    this.#pods.delete(ref.uid)
    this.#finished.delete(ref.uid)
    this.admission.forget(ref.uid)
    this.resizes.forget(ref.uid)
    if (this.#blocked.get(podFullName(pod))?.metadata.uid === pod.metadata.uid) this.#blocked.delete(podFullName(pod))
    if (!this.#workers.has(ref.uid)) return
    this.#workers.submit(ref, {
      phase: 'terminating',
      pod,
      graceSeconds: podGraceSeconds(pod),
      remove: true,
      evict: false,
    })
  }

  /**
   * A source has delivered all that it has. Without `isComplete` it has more that it can't read just now: a static Pod
   * that nobody wants may stand in a manifest that is broken, and stays.
   */
  sourceSynced(source: PodSourceName, isComplete = true): void {
    this.#unsynced.delete(source)
    if (source === 'api') this.admission.listed()
    if (source === 'file') this.spared.ofManifests = !isComplete
    if (!this.synced) return
    this.resizes.retry()
    this.#options.onSynced()
  }

  /** Ends what Docker or the disk holds of Pods that nobody wants, once it is known who is wanted. */
  async endOrphans(signal: AbortSignal): Promise<void> {
    if (!this.synced) return
    const { observed } = this.#options
    const directories = async (): Promise<readonly string[]> =>
      this.#options.directories((name) => this.#isKnown(podUid(name)))
    const held = new Set([...observed.uids(), ...(await directories()).map(podUid)])
    for (const uid of held) {
      if (this.#isKnown(uid) || this.spared.has(uid)) continue
      const found = await observed.refresh(uid, signal)
      // Its own worker may have removed it since it was found, and it may have become wanted.
      const isLeft = isAnything(found) || (await directories()).includes(uid)
      if (!isLeft || this.#isKnown(uid)) continue
      this.#workers.submit(orphanRef(found), endOfOrphan)
      this.#options.onOrphan?.()
    }
  }

  /** Ends every Pod of this node and takes their objects away: the node is not to be used any more. */
  endAll(): void {
    this.#blocked.clear()
    const wanted = this.pods()
    this.#pods.clear()
    for (const pod of wanted) {
      const ref = podRef(pod)
      this.admission.forget(ref.uid)
      const graceSeconds = podGraceSeconds(pod)
      this.#workers.submit(ref, { phase: 'terminating', pod, graceSeconds, remove: true, evict: true })
    }
  }

  #isKnown(uid: PodUid): boolean {
    return this.#pods.has(uid) || this.#workers.has(uid)
  }

  /** A Pod is over and gone: what waited for it can start; one that is wanted again starts anew. */
  over(uid: PodUid): void {
    const again = this.#pods.get(uid)
    if (again !== undefined && isTerminating(again)) this.#finished.add(uid)
    else if (again !== undefined && !hasTerminalPhase(again)) this.#start(again)
    // Its worker may have noted something after the Pod had gone from its source; of an orphan no source ever told.
    if (again === undefined) this.resizes.forget(uid)
    this.roomMade()
    for (const [fullName, pod] of this.#blocked) {
      if (this.#olderVersionRuns(pod)) continue
      this.#blocked.delete(fullName)
      this.#start(pod)
    }
  }

  /**
   * A manifest was changed while no agent was there: what Docker holds of its old version is ended, whatever the other
   * sources have to say. Only such a Pod has a hash for its UID.
   */
  #endReplaced(pod: Pod): void {
    if (!isStaticPod(pod)) return
    const { name, namespace } = pod.metadata
    for (const { podUid: uid, podName, podNamespace } of this.#options.observed.owners()) {
      if (podName !== name || podNamespace !== namespace) continue
      if (isManifestHash(uid) && !this.#isKnown(uid)) this.#workers.submit({ uid, name, namespace }, endOfOrphan)
    }
  }

  /** Two versions of one manifest share names, ports and paths: the old one ends before the new one starts. */
  #olderVersionRuns(pod: Pod): boolean {
    if (!isStaticPod(pod)) return false
    const { name, namespace, uid } = pod.metadata
    return this.#workers.refs().some((ref) => ref.name === name && ref.namespace === namespace && ref.uid !== uid)
  }
}
