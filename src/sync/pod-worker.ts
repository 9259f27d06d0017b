import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import type { PodEventBody } from '../model/pod-event.ts'
import {
  containerFieldPath,
  isStaticPod,
  isTerminalStatus,
  isTerminating,
  minimumGraceSeconds,
  type PodRef,
} from '../model/pod.ts'
import { hasMadeRoom, mergeWork, podGraceSeconds, type PodWork } from '../model/pod-work.ts'
import { hostLimits } from '../plan/host-limits.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { Bell } from '../util/bell.ts'
import { Background } from './background.ts'
import { PodMemory } from './pod-memory.ts'
import type { PodRun } from './pod-run.ts'
import type { SyncContext } from './sync-context.ts'
import { syncPod, terminatePod, type PassResult, type PodEnd } from './sync-pod.ts'

/** What a worker did from being woken until there was nothing left but waits, and why it was woken. */
export interface WorkedOnPod {
  readonly uid: PodRef['uid']
  readonly operation: 'create' | 'update' | 'sync' | 'kill'
  /** Epoch milliseconds. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** Containers in the Pod's spec; 0 where there is no spec. */
  readonly containers: number
}

export interface PodWorkerOptions {
  readonly ref: PodRef
  readonly work: PodWork
  readonly context: SyncContext
  /** The Pod has let go of its part of the node. */
  readonly onStopped: () => void
  readonly onWorked?: ((done: WorkedOnPod) => void) | undefined
}

/** As many passes that act a Pod may need in a row: more means that the plan and Docker don't understand each other. */
const maxActingPasses = 100
const firstRetryMs = 500
const maxRetryMs = 10_000
/** So that Pods that came together are not looked at together for ever (workerResyncIntervalJitterFactor). */
const resyncJitter = 0.5

/**
 * Drives one Pod: one pass at a time, the newest work wins, and a pass that changed something is followed by another
 * until nothing is left but waits.
 *
 * INVARIANTS:
 * - "Nothing left to do" and "waiting for the bell" are one step: a submit or poke in between is not lost.
 * - Work only moves forward (mergeWork); the phase's signal fires when it does.
 */
export class PodWorker {
  readonly ref: PodRef
  readonly #context: SyncContext
  readonly #memory: PodMemory
  readonly #onStopped: () => void
  readonly #onWorked: ((done: WorkedOnPod) => void) | undefined
  readonly #bell = new Bell()
  #work: PodWork
  #phaseEnd = new AbortController()
  /** It fires with that, and with the agent's end: made once for each phase, not for each pass. */
  #phaseSignal: AbortSignal | undefined

  constructor({ ref, work, context, onStopped, onWorked }: PodWorkerOptions) {
    this.ref = ref
    this.#work = work
    this.#context = context
    this.#onStopped = onStopped
    this.#onWorked = onWorked
    this.#memory = new PodMemory(work.pod?.status, Date.now(), context.keptInstances)
    if (work.phase === 'sync' && work.resize !== undefined) this.#memory.standing = work.resize
    if (work.pod !== undefined) this.#memory.learnSpec(work.pod, undefined)
  }

  get phase(): PodWork['phase'] {
    return this.#work.phase
  }

  /** The node has ended it to have room for others, or an agent before this one has: nothing of it is kept. */
  get isEvicted(): boolean {
    return hasMadeRoom(this.#work)
  }

  /** As it was last asked for; `undefined` of an orphan. */
  get pod(): Pod | undefined {
    return this.#work.pod
  }

  submit(next: PodWork): void {
    const before = this.#work
    this.#work = mergeWork(before, next)
    if (this.#work.pod !== undefined && this.#work.pod !== before.pod) {
      this.#memory.learnSpec(this.#work.pod, before.pod)
      this.#tellUnsupported()
    }
    if (next.phase === 'sync' && next.resize !== undefined) this.#memory.learnStanding(next.resize, Date.now())
    this.#tellVerdict(before)
    if (this.#work.phase !== before.phase) this.#phaseEnd.abort()
    this.#bell.ring()
  }

  /** The volumes that are set up, by name. */
  get mountedVolumes(): ReadonlyMap<string, MountedVolume> {
    return this.#memory.mountedVolumes
  }

  /** Whether the Pod holds its part of the node: until it is over, and whatever is said of it, as long as any of it runs. */
  isHolding(): boolean {
    if (this.#context.observed.isRunning(this.ref.uid)) return true
    const isRejected = this.#work.phase === 'terminating' && this.#work.verdict?.kind === 'rejected'
    return !isRejected && !isTerminalStatus(this.#memory.status)
  }

  /** Nothing of the Pod runs, and what it had in its volumes is gone. */
  get isCleanedUp(): boolean {
    return !this.isHolding() && (this.#memory.volumesTornDown || this.#memory.directoryRemoved)
  }

  /** What a pass says that the node has to do is this worker's next work, unless it has got newer meanwhile. */
  #take(result: PassResult | PodEnd): PassResult {
    if (result.kind !== 'end') return result
    const { pod } = this.#work
    const graceSeconds = pod === undefined ? minimumGraceSeconds : podGraceSeconds(pod)
    const { verdict } = result
    this.submit({ phase: 'terminating', pod, graceSeconds, remove: false, evict: false, verdict })
    return { kind: 'again' }
  }

  /** Something that the Pod may depend on has changed: look again. */
  poke(): void {
    this.#bell.ring()
  }

  /** Docker answers (again): look, and wait no longer with what it could not do. */
  retry(): void {
    this.#memory.retryKills()
    this.#bell.ring()
  }

  /** What the Pod refers to in the API server has changed: what failed for the want of it is tried again. */
  objectsChanged(): void {
    this.#memory.objectChanges += 1
    this.poke()
  }

  /** Images have changed in Docker: a Pod that waits for one looks again. */
  imagesChanged(): void {
    if (this.#memory.imagesChanged(Date.now())) this.poke()
  }

  /** Resolves when the Pod is over and gone from this node, or when `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#tellVerdict(undefined)
    this.#tellUnsupported()
    const background = new Background(signal, (error) => this.#emitFailure(error))
    await this.#passes(signal, background)
    await background.end()
  }

  async #passes(signal: AbortSignal, background: Background): Promise<void> {
    let failures = 0
    let acting = 0
    let tellWorked = this.#measure(undefined)
    while (!signal.aborted) {
      const wasHolding = this.isHolding()
      const result = await this.#pass(this.#podRun(signal, background))
      if (wasHolding && !this.isHolding()) this.#onStopped()
      failures = result.kind === 'failed' ? failures + 1 : 0
      acting = result.kind === 'again' ? acting + 1 : 0
      if (result.kind === 'again' && acting < maxActingPasses) continue
      tellWorked()
      const worked = this.#work
      if (result.kind === 'over') return
      if (result.kind === 'again') this.#emit({ kind: 'sync-failed', message: `still acting after ${acting} passes` })
      const untilMs = result.kind === 'idle' ? this.#idleUntil(result.untilMs) : Date.now() + retryDelayMs(failures)
      await this.#bell.wait(untilMs, signal)
      tellWorked = this.#measure(worked)
    }
  }

  /** Begins to measure what follows; the result tells of it when it is done. */
  #measure(before: PodWork | undefined): () => void {
    const { phase, pod } = this.#work
    const isNew = before === undefined ? 'create' : 'update'
    const operation = phase === 'terminating' ? 'kill' : before === this.#work ? 'sync' : isNew
    const containers = pod?.spec.containers.length ?? 0
    const startedAtMs = Date.now()
    const startTick = performance.now()
    return () => {
      const durationMs = performance.now() - startTick
      this.#onWorked?.({ uid: this.ref.uid, operation, startedAtMs, durationMs, containers })
    }
  }

  /** Whatever a Pod waits for, it is looked at now and then. */
  #idleUntil(untilMs: number | undefined): number {
    const resyncAtMs = Date.now() + this.#context.resyncMs * (1 + resyncJitter * Math.random())
    return Math.min(untilMs ?? resyncAtMs, resyncAtMs)
  }

  async #pass(run: PodRun): Promise<PassResult | { kind: 'over' } | { kind: 'failed' }> {
    const work = this.#work
    try {
      if (work.phase === 'sync') return this.#take(await syncPod({ ...run, pod: work.pod }))
      const result = await terminatePod(run, work)
      if (result.kind !== 'over') return result
      return await this.#end(work, run.signal)
    } catch (error) {
      // A newer phase ended the pass: the next one does it right.
      if (KubeletError.is(error, 'aborted')) return { kind: 'again' }
      this.#emitFailure(error)
      return { kind: 'failed' }
    }
  }

  /** Nothing runs any more; with `remove` nothing is left on this node either, and the Pod's object can go. */
  async #end(
    work: Extract<PodWork, { phase: 'terminating' }>,
    signal: AbortSignal,
  ): Promise<PassResult | { kind: 'over' }> {
    if (!work.remove) return { kind: 'idle', untilMs: undefined }
    const { pod } = work
    const hasObject = pod !== undefined && !isStaticPod(pod)
    if (hasObject && (work.evict || isTerminating(pod))) await this.#context.statuses.finish(pod, signal)
    this.#emit({ kind: 'pod-removed' })
    return { kind: 'over' }
  }

  #podRun(signal: AbortSignal, background: Background): PodRun {
    if (this.#phaseEnd.signal.aborted) {
      this.#phaseEnd = new AbortController()
      this.#phaseSignal = undefined
    }
    this.#phaseSignal ??= AbortSignal.any([signal, this.#phaseEnd.signal])
    return {
      context: this.#context,
      uid: this.ref.uid,
      ref: this.ref,
      memory: this.#memory,
      emit: (event) => this.#emit(event),
      poke: () => this.poke(),
      signal,
      phaseSignal: this.#phaseSignal,
      background,
    }
  }

  #emitFailure(error: unknown): void {
    this.#emit({ kind: 'sync-failed', message: KubeletError.from(error).message })
  }

  #emit(event: PodEventBody): void {
    const containerName = 'containerName' in event ? event.containerName : undefined
    const fieldPath =
      containerName === undefined ? {} : { fieldPath: containerFieldPath(this.#work.pod, containerName) }
    this.#context.emit({ pod: this.ref, atMs: Date.now(), ...fieldPath, ...event })
  }

  /** Why the node ends the Pod is told once, when that is decided. */
  #tellVerdict(before: PodWork | undefined): void {
    const [told, verdict] = [before, this.#work].map((work) =>
      work?.phase === 'terminating' ? work.verdict : undefined,
    )
    // Of the machine's end the Node has an event.
    if (verdict === undefined || told !== undefined || verdict.kind === 'shut-down') return
    const { reason, message } = verdict
    if (verdict.kind === 'rejected') this.#emit({ kind: 'pod-rejected', reason, message })
    else {
      const { signal, annotations } = verdict.kind === 'disrupted' ? verdict : {}
      const why = { ...(signal !== undefined && { signal }), ...(annotations !== undefined && { annotations }) }
      this.#emit({ kind: 'pod-ended', reason, message, ...why })
    }
  }

  /** Each field is told once, when the Pod asks for it; of a Pod that ends there is nothing to be missed any more. */
  #tellUnsupported(): void {
    if (this.#work.phase !== 'sync') return
    const { pod } = this.#work
    const { unsupported, toldUnsupported } = this.#memory
    for (const { path, consequence } of unsupported) {
      if (!toldUnsupported.has(path)) this.#emit({ kind: 'field-unsupported', path, consequence })
      toldUnsupported.add(path)
    }
    for (const limit of hostLimits(pod, this.#context.daemon.securityOptions)) {
      if (!toldUnsupported.has(limit.path)) this.#emit({ kind: 'field-beyond-host', ...limit })
      toldUnsupported.add(limit.path)
    }
  }
}

function retryDelayMs(failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** failures)
}
