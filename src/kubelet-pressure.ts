/** What keeps the node from running short: who is ended when it does. Built by the composition root in one go. */
import { diskUsage } from './eviction/usage/disk-usage.ts'
import { LocalStorageEvictions } from './eviction/storage/local-storage-evictions.ts'
import type { PressureCondition } from './model/eviction-threshold.ts'
import type { Pod } from './model/kube.ts'
import type { PodRegistry } from './sync/registry/pod-registry.ts'
import type { NodePaths } from './translate/paths.ts'

export interface PressureOptions {
  readonly paths: NodePaths
  /** Asked only after the first Pod has come: the registry tells of Pods, and is made after this. */
  readonly registry: () => PodRegistry
}

export interface NodePressure {
  /** What the node is short of now. */
  readonly conditions: () => readonly PressureCondition[]
  /** A Pod has come, or is another than before. */
  readonly podChanged: (pod: Pod) => void
  /** Looks until `signal` fires. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

export function nodePressure({ paths, registry }: PressureOptions): NodePressure {
  const localStorage = new LocalStorageEvictions({
    paths,
    pods: () => registry().running(),
    usage: diskUsage,
    evict: (uid, verdict) => registry().evict(uid, verdict),
  })
  return {
    conditions: () => [],
    podChanged: (pod) => localStorage.podChanged(pod),
    run: (signal) => localStorage.run(signal),
  }
}
