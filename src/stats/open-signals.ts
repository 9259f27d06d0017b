import { existsSync } from 'node:fs'
import type { CgroupConfig } from '../config/config.ts'
import type { EngineInfo } from '../engine/engine.ts'
import type { PodUse } from '../eviction/usage/pod-usage.ts'
import type { Pod } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import type { NodePaths } from '../translate/paths.ts'
import { openReader } from './cgroups/open-reader.ts'
import { ContainerPlaces } from './container-places.ts'
import { measurePod } from './disk/measure-pod.ts'
import { NodeSignals } from './node-signals.ts'
import { MachineFacts } from './proc/machine-facts.ts'
import { runningPod } from './running-pods.ts'

export interface SignalsParts {
  readonly daemon: EngineInfo
  /** Where Docker answers, `unix:///var/run/docker.sock`. */
  readonly dockerHost: string
  readonly cgroups: CgroupConfig
  readonly paths: NodePaths
}

/** What eviction looks at all the time. */
export interface OpenSignals {
  readonly node: NodeSignals
  /** What a Pod has on disks now; containers that ended meanwhile are forgotten with `keep`. */
  readonly measure: (
    pod: Pod,
    observed: ObservedPod,
    signal: AbortSignal,
  ) => Promise<Omit<PodUse, 'memory' | 'processes'>>
  readonly keep: (observed: readonly ObservedPod[]) => void
}

/** Finds out what of the node's state can be seen here. Never rejects. */
export async function openSignals({ daemon, dockerHost, cgroups, paths }: SignalsParts): Promise<OpenSignals> {
  const opened = await openReader(dockerHost, cgroups, daemon)
  const isHere = opened.kind === 'here' && existsSync(daemon.rootDirectory)
  const dockerRoot = isHere ? daemon.rootDirectory : undefined
  const places = new ContainerPlaces()
  return {
    node: new NodeSignals({
      reader: opened.kind === 'here' ? opened.reader : undefined,
      machine: new MachineFacts(daemon),
      podsCgroup: opened.podsCgroup,
      rootDirectory: paths.root,
      dockerRoot,
    }),
    measure: (pod, observed, signal) =>
      measurePod(pod, runningPod(observed)?.containers ?? [], { paths, dockerRoot, places }, signal),
    keep: (observed) =>
      places.keep(new Set(observed.flatMap((pod) => (runningPod(pod)?.containers ?? []).map(({ id }) => id)))),
  }
}
