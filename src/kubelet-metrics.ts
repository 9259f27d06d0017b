/** What the agent counts and times of itself, built in one go, and what it knows at the moment of a scrape. */
import type { KubeletConfig } from './config/config.ts'
import { kubeletVersion } from './config/version.ts'
import { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { PodsSeen } from './metrics/pods/pod-gauges.ts'
import type { Pod } from './model/kube.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { PodWorkers } from './sync/pod-workers.ts'
import type { PodRegistry } from './sync/registry/pod-registry.ts'

/** What the agent counts and times of itself from now on. */
export function agentMetrics({ nodeName }: KubeletConfig): KubeletMetrics {
  const platform = `linux/${process.arch.replace('x64', 'amd64')}`
  return new KubeletMetrics({ nodeName, version: kubeletVersion(), platform, startedAtMs: Date.now() })
}

export interface SeenParts {
  readonly pods: { readonly all: () => readonly Pod[] }
  readonly registry: PodRegistry
  readonly workers: PodWorkers
  readonly observed: ObservedPods
  readonly mirrors: () => number
}

/** The Pods of the agent as a scrape sees them. */
export function podsSeen({ pods, registry, workers, observed, mirrors }: SeenParts): PodsSeen {
  return {
    wanted: pods.all(),
    worked: workers.all().map((worked) => ({ ...worked, isWanted: registry.isWanted(worked.uid) })),
    observed: observed.uids().map((uid) => observed.get(uid)),
    mirrors: mirrors(),
  }
}
