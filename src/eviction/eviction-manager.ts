import type { EvictionSignal, EvictionThreshold, PressureCondition } from '../model/eviction-threshold.ts'
import { KubeletError } from '../model/errors.ts'
import { podUid, type PodUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { isCritical } from '../model/pod.ts'
import type { PodVerdict } from '../model/pod-verdict.ts'
import { Bell } from '../util/bell.ts'
import type { Logger } from '../util/log.ts'
import { sleep } from '../util/sleep.ts'
import { evictionGraceSeconds } from './eviction-grace.ts'
import { starvationVerdict } from './eviction-message.ts'
import { isDiskSignal, nodeReclaims, type DiskLayout, type NodeReclaim } from './pressure/disk-layout.ts'
import { isOfMemory, untilNextLookMs } from './pressure/memory-watch.ts'
import { noPressure, observePressure } from './pressure/pressure-state.ts'
import { signalMeanings, type Observations, type StarvedResource } from './pressure/signals.ts'
import { byUrgency, crossedThresholds, withContainerFs } from './pressure/thresholds.ts'
import { rankPods, type PodUses } from './rank-pods.ts'

export interface EvictionRules {
  readonly thresholds: readonly EvictionThreshold[]
  readonly pressureTransitionMs: number
  readonly maxPodGraceSeconds: number
  /** Whether memory is looked at more often the nearer it is to a threshold. */
  readonly watchesMemory: boolean
}

/** What is left on the node. None of it rejects. */
export interface NodeLook {
  readonly read: () => Promise<Observations>
  /** Of memory alone. */
  readonly memory: () => Promise<Observations>
  readonly layout: () => Promise<DiskLayout>
}

export interface EvictionManagerOptions {
  readonly rules: EvictionRules
  readonly node: NodeLook
  /** What each Pod uses: where it is of disks, nothing that is old. */
  readonly uses: (ofDisks: boolean) => Promise<PodUses>
  /** The Pods that run here now, with what they were given. */
  readonly pods: () => readonly Pod[]
  /** Takes away what nobody uses of the node's disk. */
  readonly reclaim: Readonly<Record<NodeReclaim, (signal: AbortSignal) => Promise<void>>>
  readonly evict: (uid: PodUid, verdict: PodVerdict, graceSeconds: number) => void
  /** Nothing of a Pod runs any more, and its volumes are gone. */
  readonly isCleanedUp: (uid: PodUid) => boolean
  /** The conditions are others than before. */
  readonly onConditions: () => void
  /** Something is to be done about the want of this. */
  readonly onStarved: (resource: StarvedResource) => void
  /** A Pod is about to be chosen by figures that are so old. */
  readonly onStatsAge?: (signal: EvictionSignal, seconds: number) => void
  /** Milliseconds, by a clock that nobody sets: a machine that was asleep has not been short all the while. */
  readonly now?: () => number
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** How often the kubelet looks (evictionMonitoringPeriod in pkg/kubelet/kubelet.go). */
const periodMs = 10_000
/** How long a Pod that was evicted may take until the next one has to go (podCleanupTimeout). */
const cleanUpMs = 30_000

/**
 * Looks what is left on the node, tells what it is short of, and ends one Pod after the other until there is enough of it
 * (pkg/kubelet/eviction/eviction_manager.go). An idle node costs a look every ten seconds, and
 * one without thresholds nothing.
 */
export class EvictionManager {
  readonly #options: EvictionManagerOptions
  readonly #now: () => number
  #layout: DiskLayout = 'one'
  /** With those that follow from the layout; the same each time, as what is remembered goes by them. */
  #thresholds: readonly EvictionThreshold[] | undefined
  #state = noPressure
  /** What was said last of what can't be helped: it is said once, not every ten seconds. */
  #complaint: EvictionSignal | undefined
  #conditions: readonly PressureCondition[] = []
  /** The Pod whose end is waited for. */
  #ending: PodUid | undefined
  readonly #progress = new Bell()

  constructor(options: EvictionManagerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** What the node is short of, in the order of its conditions. */
  get conditions(): readonly PressureCondition[] {
    return this.#conditions
  }

  /** Something of a Pod has ended, or it has. */
  podWorked(uid: PodUid): void {
    if (uid === this.#ending) this.#progress.ring()
  }

  /** Looks until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#options.rules.thresholds.length === 0) return
    while (!signal.aborted) {
      const evicted = await this.#lookSafely(signal)
      if (evicted === undefined) await this.#rest(signal)
      else await this.#cleanedUp(evicted, signal)
    }
  }

  async #lookSafely(signal: AbortSignal): Promise<Pod | undefined> {
    try {
      return await this.#look(signal)
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code !== 'aborted')
        this.#options.log.warn('What the node is short of was not seen to', { error: fault })
      return undefined
    }
  }

  /** Looks once. Gives the Pod that has to go for what was seen. */
  async #look(signal: AbortSignal): Promise<Pod | undefined> {
    const { rules, node, onStarved, log } = this.#options
    this.#thresholds ??= withContainerFs(rules.thresholds, (this.#layout = await node.layout()))
    const thresholds = this.#thresholds
    const observations = await node.read()
    const { pressureTransitionMs } = rules
    const pressure = observePressure(this.#state, observations, { thresholds, pressureTransitionMs }, this.#now())
    this.#state = pressure.state
    this.#setConditions(pressure.conditions)
    const [first] = byUrgency(pressure.due)
    if (first === undefined) {
      this.#complaint = undefined
      return undefined
    }
    const { resource } = signalMeanings[first.signal]
    if (this.#complaint !== first.signal) log.info('The node is short of something', { resource, signal: first.signal })
    onStarved(resource)
    if (await this.#reclaimed(first, thresholds, signal)) return undefined
    return this.#evictOne(first, pressure.due, observations)
  }

  #setConditions(conditions: readonly PressureCondition[]): void {
    const isSame = conditions.join() === this.#conditions.join()
    this.#conditions = conditions
    if (!isSame) this.#options.onConditions()
  }

  /** Whether what nobody uses of the node was enough. */
  async #reclaimed(
    { signal: of }: EvictionThreshold,
    thresholds: readonly EvictionThreshold[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { node, reclaim, log } = this.#options
    const reclaims = nodeReclaims(of, this.#layout)
    for (const what of reclaims) {
      try {
        await reclaim[what](signal)
      } catch (error) {
        if (KubeletError.is(error, 'aborted')) throw error
        log.warn('What nobody uses could not be taken away', { what, error })
      }
    }
    return reclaims.length > 0 && crossedThresholds(thresholds, await node.read(), true).length === 0
  }

  /** The first of those that may go. */
  async #evictOne(
    threshold: EvictionThreshold,
    due: readonly EvictionThreshold[],
    observations: Observations,
  ): Promise<Pod | undefined> {
    const { rules, uses, pods, evict, onStatsAge, log } = this.#options
    const { signal } = threshold
    const used = await uses(isDiskSignal(signal))
    const ranked = rankPods(pods(), used, { signal, layout: this.#layout })
    for (const each of due) {
      const observed = observations.get(each.signal)
      if (observed !== undefined) onStatsAge?.(each.signal, (Date.now() - observed.atMs) / 1000)
    }
    const pod = ranked.find((candidate) => !isCritical(candidate))
    if (pod === undefined) {
      if (this.#complaint !== signal) log.warn('No Pod may be evicted for it', { signal, pods: ranked.length })
      this.#complaint = signal
      return undefined
    }
    this.#complaint = undefined
    const uid = podUid(pod.metadata.uid)
    const verdict = starvationVerdict(pod, used.get(uid), { signal, due, observations })
    evict(uid, verdict, evictionGraceSeconds(pod, threshold, rules.maxPodGraceSeconds))
    return pod
  }

  /** Until it is time to look again: when memory is watched and a threshold of it has been crossed, at once. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { rules, node } = this.#options
    const dueAtMs = this.#now() + periodMs
    const ofMemory = rules.watchesMemory ? rules.thresholds.filter(isOfMemory) : []
    while (this.#now() < dueAtMs && !signal.aborted) {
      const observations: Observations = ofMemory.length === 0 ? new Map() : await node.memory()
      const isNews = crossedThresholds(ofMemory, observations, false).some(
        (threshold) => !this.#state.crossedSinceMs.has(threshold),
      )
      if (isNews) return
      const waitMs = ofMemory.length === 0 ? periodMs : untilNextLookMs(ofMemory, observations, periodMs)
      await sleep(Math.min(dueAtMs - this.#now(), waitMs), signal)
    }
  }

  /** The next one goes only when this one has given up what it had, or takes too long for that. */
  async #cleanedUp({ metadata }: Pod, signal: AbortSignal): Promise<void> {
    const { isCleanedUp, log } = this.#options
    const uid = podUid(metadata.uid)
    const untilMs = this.#now() + cleanUpMs
    this.#ending = uid
    while (!isCleanedUp(uid) && this.#now() < untilMs && !signal.aborted)
      await this.#progress.waitFor(untilMs - this.#now(), signal)
    this.#ending = undefined
    if (!isCleanedUp(uid) && !signal.aborted)
      log.warn('A Pod that was evicted takes long to end', { pod: `${metadata.namespace}/${metadata.name}` })
  }
}
