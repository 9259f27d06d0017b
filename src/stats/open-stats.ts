import type { CgroupConfig } from '../config/config.ts'
import type { Engine, EngineInfo } from '../engine/engine.ts'
import { expositionText, expositionType } from '../metrics/exposition.ts'
import type { PodUse } from '../eviction/usage/pod-usage.ts'
import type { MetricFamily } from '../metrics/metric-family.ts'
import type { NodePaths } from '../translate/paths.ts'
import type { Logger } from '../util/log.ts'
import { openReader } from './cgroups/open-reader.ts'
import { PodDisks } from './disk/pod-disks.ts'
import { DockerSource } from './docker-source.ts'
import { ImageBytes } from './image-bytes.ts'
import { KernelSource } from './kernel-source.ts'
import { NodeStats, type Freshness, type KnownPods } from './node-stats.ts'
import { podUses } from './pod-uses.ts'
import { MachineFacts } from './proc/machine-facts.ts'
import { summaryOf } from './summary/summary.ts'
import type { Summary } from './summary/stats-types.ts'
import { SystemDaemons } from './system-daemons.ts'
import { cadvisorMetrics } from './texts/cadvisor-metrics.ts'
import { diskMetrics } from './texts/disk-metrics.ts'
import { resourceMetrics } from './texts/resource-metrics.ts'
import type { UsageSource } from './usage-source.ts'

export interface StatsParts {
  readonly nodeName: string
  readonly engine: Engine
  /** Where Docker answers, `unix:///var/run/docker.sock`. */
  readonly dockerHost: string
  readonly cgroups: CgroupConfig
  /** `--pod-infra-container-image`; the agent's own otherwise. */
  readonly podInfraContainerImage: string | undefined
  readonly paths: NodePaths
  readonly known: KnownPods
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/** By the name alone: another content is another tag. */
const ownSandboxImage = 'minikubelet/pause'

/** What the node uses, as clients ask for it; see src/server/stats. */
export interface OpenStats {
  readonly summary: (onlyCpuAndMemory: boolean) => Promise<Summary>
  readonly resourceMetrics: () => Promise<Iterable<string>>
  readonly cadvisorMetrics: () => Promise<Iterable<string>>
  /** Of `/metrics`: what disks have to tell. */
  readonly diskMetrics: () => readonly MetricFamily[]
  readonly metricsType: string
  /** What each Pod uses, by its UID, for eviction. */
  readonly podUses: (disks: Freshness | 'no-disks') => Promise<ReadonlyMap<string, PodUse>>
}

/**
 * Finds out where figures come from, and gets ready to read them. Throws what Docker throws
 * when it is asked about itself.
 */
export async function openStats(parts: StatsParts): Promise<OpenStats> {
  const { engine, paths, log, signal } = parts
  const daemon = await engine.info(signal)
  const source = await openSource(parts, daemon)
  const machine = new MachineFacts(daemon)
  const stats = new NodeStats({
    nodeName: parts.nodeName,
    known: parts.known,
    source,
    disks:
      source instanceof KernelSource ? new PodDisks({ paths, dockerRoot: daemon.rootDirectory, signal }) : undefined,
    images: new ImageBytes(engine, signal),
    machine,
    rootDirectory: paths.root,
    dockerRoot: daemon.rootDirectory,
    sandboxImage: parts.podInfraContainerImage ?? ownSandboxImage,
    signal,
  })
  return {
    summary: async (onlyCpuAndMemory) => {
      const extent = onlyCpuAndMemory ? 'resources' : 'summary'
      return summaryOf(await stats.read(extent), extent)
    },
    resourceMetrics: async () => {
      try {
        return inPieces(resourceMetrics(await stats.read('usage')))
      } catch (error) {
        log.warn('What the node uses could not be read', { error })
        return inPieces(resourceMetrics(undefined))
      }
    },
    cadvisorMetrics: async () => {
      const [reading, mounted] = await Promise.all([
        stats.read('metrics'),
        source instanceof KernelSource ? machine.mountedDisks() : [],
      ])
      const { hasPressure } = source
      const facts = { devices: machine.devices(), mounted, machine: machine.machine(), hasPressure }
      return inPieces(cadvisorMetrics(reading, facts))
    },
    diskMetrics: () => diskMetrics(stats.podDisks()),
    metricsType: expositionType,
    podUses: async (disks) => podUses(await stats.readFresh(disks)),
  }
}

async function openSource({ engine, dockerHost, cgroups, log }: StatsParts, daemon: EngineInfo): Promise<UsageSource> {
  const opened = await openReader(dockerHost, cgroups, daemon)
  if (opened.kind === 'elsewhere') {
    log.info('What containers use is asked of Docker', { why: opened.why })
    return new DockerSource({ engine, memoryBytes: daemon.memoryBytes })
  }
  const { reader, podsCgroup } = opened
  return new KernelSource({ reader, daemons: new SystemDaemons(reader, socketOf(dockerHost)), podsCgroup })
}

function socketOf(dockerHost: string): string | undefined {
  return dockerHost.startsWith('unix:') ? dockerHost.replace(/^unix:(?:\/\/)?/u, '') : undefined
}

/** Family by family, in the order of their names. */
function* inPieces(families: readonly MetricFamily[]): Generator<string> {
  for (const family of families.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const text = expositionText([family])
    if (text !== '') yield text
  }
}
