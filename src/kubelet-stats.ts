/** What the node uses, as the HTTPS API tells it: joined with the agent's parts, and loaded when somebody asks. */
import type { KubeletConfig } from './config/config.ts'
import type { Engine } from './engine/engine.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { PodUid } from './model/ids.ts'
import type { Route } from './server/route.ts'
import type { ServedPods } from './server/served-pods.ts'
import { statsRoutes } from './server/stats/stats-routes.ts'
import type { KnownPods } from './stats/node-stats.ts'
import type { OpenStats } from './stats/open-stats.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { NodePaths } from './translate/paths.ts'
import { lazily } from './util/lazily.ts'
import type { Logger } from './util/log.ts'

export interface NodeStatsParts {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'dockerHost' | 'cgroups' | 'podInfraContainerImage'>
  readonly engine: Engine
  readonly observed: ObservedPods
  readonly pods: ServedPods
  readonly paths: NodePaths
  /** The volumes of a Pod that are set up, by name. */
  readonly mountedVolumes: KnownPods['mounted']
  readonly metrics: Pick<KubeletMetrics, 'add'>
  readonly log: Logger
  /** Ends with the agent. */
  readonly life: AbortSignal
}

/** What the node uses, loaded by whoever asks first. What disks have to tell is in `/metrics`, too. */
export function nodeStats(parts: NodeStatsParts): () => Promise<OpenStats> {
  const open = lazily(() => load(parts))
  parts.metrics.add(async () => (await open()).diskMetrics())
  return open
}

/** The routes of what is measured. */
export function nodeStatsRoutes(stats: () => Promise<OpenStats>): readonly Route[] {
  return statsRoutes(stats)
}

/** An agent whom nobody scrapes does without it. */
async function load(parts: NodeStatsParts): Promise<OpenStats> {
  const { config, engine, observed, pods, paths, mountedVolumes: mounted, log, life: signal } = parts
  const { openStats } = await import('./stats/open-stats.ts')
  const known = { uids: () => observed.uids(), observed: (uid: PodUid) => observed.get(uid), pods: pods.all, mounted }
  return openStats({ ...config, engine, paths, known, log, signal })
}
