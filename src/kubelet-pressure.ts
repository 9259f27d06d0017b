/** What keeps the node from running short: who is ended when it does. Built by the composition root in one go. */
import type { EventRecorder } from './cluster/event-recorder.ts'
import type { KubeletConfig } from './config/config.ts'
import type { EngineInfo } from './engine/engine.ts'
import { EvictionManager, type EvictionManagerOptions } from './eviction/eviction-manager.ts'
import { LocalStorageEvictions } from './eviction/storage/local-storage-evictions.ts'
import { diskUsage } from './eviction/usage/disk-usage.ts'
import type { EvictionMetrics } from './metrics/pods/eviction-metrics.ts'
import type { PressureCondition } from './model/eviction-threshold.ts'
import { podUid, type PodUid } from './model/ids.ts'
import type { Pod } from './model/kube.ts'
import type { OpenSignals } from './stats/open-signals.ts'
import type { OpenStats } from './stats/open-stats.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { PodWorkers } from './sync/pod-workers.ts'
import type { PodRegistry } from './sync/registry/pod-registry.ts'
import type { NodePaths } from './translate/paths.ts'
import { lazily } from './util/lazily.ts'
import type { Logger } from './util/log.ts'

export interface PressureOptions {
  readonly config: Pick<KubeletConfig, 'dockerHost' | 'cgroups' | 'eviction'>
  readonly daemon: EngineInfo
  readonly paths: NodePaths
  readonly observed: ObservedPods
  readonly workers: PodWorkers
  /** Asked only after the first Pod has come: the registry tells of Pods, and is made after this. */
  readonly registry: () => PodRegistry
  /** What Pods use, loaded by whoever asks first. Made after this, too. */
  readonly stats: () => Promise<OpenStats>
  /** Takes away what nobody uses before a Pod has to go. */
  readonly garbage: {
    readonly reclaimContainers: (signal: AbortSignal) => Promise<void>
    readonly reclaimImages: (signal: AbortSignal) => Promise<void>
  }
  /** The conditions of the node are others than before. */
  readonly onConditions: () => void
  readonly recorder: EventRecorder | undefined
  readonly metrics: EvictionMetrics
  readonly log: Logger
}

export interface NodePressure {
  /** What the node is short of now. */
  readonly conditions: () => readonly PressureCondition[]
  /** A Pod has come, or is another than before. */
  readonly podChanged: (pod: Pod) => void
  /** A Pod may have ended. */
  readonly podWorked: (uid: PodUid) => void
  /** Looks until `signal` fires. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** Who chooses a Pod by what it has on disks wants to know what that is now, and waits so long for it. */
const freshness = { maxAgeMs: 5000, patienceMs: 20_000 }

export function nodePressure(options: PressureOptions): NodePressure {
  const { config, paths, observed, registry } = options
  // Loaded with the first look: nobody looks before the agent has started.
  const signals = lazily(async () => {
    const { openSignals } = await import('./stats/open-signals.ts')
    return openSignals({ ...options, ...config })
  })
  const manager = new EvictionManager(managerOptions(options, signals))
  const storage = new LocalStorageEvictions({
    paths,
    pods: () => registry().runningAsGiven(),
    usage: diskUsage,
    measure: async (pod, signal) => {
      const { measure, keep } = await signals()
      keep(observed.uids().map((uid) => observed.get(uid)))
      return measure(pod, observed.get(podUid(pod.metadata.uid)), signal)
    },
    layout: async () => (await signals()).node.layout(),
    evict: (uid, verdict) => registry().evict(uid, verdict),
  })
  const { isolatesLocalStorage } = config.eviction
  return {
    conditions: () => manager.conditions,
    podChanged: (pod) => {
      if (isolatesLocalStorage) storage.podChanged(pod)
    },
    podWorked: (uid) => manager.podWorked(uid),
    run: async (signal) => {
      await Promise.all([manager.run(signal), isolatesLocalStorage ? storage.run(signal) : undefined])
    },
  }
}

function managerOptions(options: PressureOptions, signals: () => Promise<OpenSignals>): EvictionManagerOptions {
  const { config, workers, registry, stats, garbage, onConditions, recorder, metrics, log } = options
  return {
    rules: config.eviction,
    node: {
      read: async () => (await signals()).node.read(),
      memory: async () => (await signals()).node.memory(),
      layout: async () => (await signals()).node.layout(),
    },
    uses: async (ofDisks) => (await stats()).podUses(ofDisks ? freshness : 'no-disks'),
    pods: () => registry().runningAsGiven(),
    reclaim: { containers: garbage.reclaimContainers, images: garbage.reclaimImages },
    evict: (uid, verdict, graceSeconds) => registry().evict(uid, verdict, graceSeconds),
    isCleanedUp: (uid) => workers.isCleanedUp(uid),
    onConditions,
    onStarved: (resource) =>
      recorder?.recordOfNode({
        type: 'Warning',
        reason: 'EvictionThresholdMet',
        message: `Attempting to reclaim ${resource}`,
      }),
    onStatsAge: metrics.chosen,
    log,
  }
}
