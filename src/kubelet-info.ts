/** What the agent shows of itself on its ports: how it is, how it is set, and the log files of its node. */
import { join } from 'node:path'
import type { KubeletConfig } from './config/config.ts'
import { kubernetesRelease } from './config/version.ts'
import type { Engine } from './engine/engine.ts'
import { loopFaultAt } from './server/info/health.ts'
import type { InfoParts } from './server/info/info-routes.ts'
import type { ServedPods } from './server/served-pods.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { Relist } from './sync/relist.ts'
import type { RootLogger } from './util/log.ts'

export interface AgentInfoParts {
  readonly config: KubeletConfig
  readonly engine: Engine
  readonly observed: ObservedPods
  readonly relist: Pick<Relist, 'listedAtMs'>
  readonly pods: ServedPods
  readonly log: RootLogger
}

export function agentInfo({ config, engine, observed, relist, pods, log }: AgentInfoParts): InfoParts {
  return {
    pods,
    loopFault: () => loopFaultAt(Date.now(), relist.listedAtMs, config.syncFrequencyMs),
    observed: () => observed.uids().map((uid) => observed.get(uid)),
    configuration: async () => (await import('./config/kubelet-configuration.ts')).kubeletConfiguration(config),
    flags: async () => (await import('./config/kubelet-flag-values.ts')).flagValues(config),
    startedAtMs: performance.timeOrigin,
    release: kubernetesRelease.replace(/^v/u, ''),
    setVerbosity: (verbosity) => log.setVerbosity(verbosity),
    systemLogs: {
      folder: '/var/log',
      // The links to the logs of containers that lie below it lead there.
      linked: async (signal) => [join((await engine.info(signal)).rootDirectory, 'containers')],
    },
  }
}
