/**
 * How the end of the machine waits for that of the Pods: joined with the agent's parts, and
 * loaded where it is asked for.
 */
import type { EventRecorder } from './cluster/event-recorder.ts'
import type { KubeletConfig } from './config/config.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { ShutdownManager } from './shutdown/shutdown-manager.ts'
import { podUid } from './model/ids.ts'
import type { PodWorkers } from './sync/pod-workers.ts'
import type { PodRegistry } from './sync/registry/pod-registry.ts'
import type { Logger } from './util/log.ts'

export interface ShutdownParts {
  readonly config: Pick<KubeletConfig, 'rootDir' | 'shutdown'>
  readonly recorder: EventRecorder | undefined
  readonly metrics: Pick<KubeletMetrics, 'add'>
  /** Asked only when the machine shuts down. */
  readonly registry: () => PodRegistry
  readonly workers: () => PodWorkers
  /** The node's status is another than before. */
  readonly onChange: () => void
  readonly log: Logger
}

export interface NodeShutdown {
  /** No Pod is let in any more. */
  readonly isShuttingDown: () => boolean
  /** A Pod may have ended. */
  readonly podWorked: () => void
  /** Waits for a shutdown until `signal` fires. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

const nothing: NodeShutdown = { isShuttingDown: () => false, podWorked: () => {}, run: async () => {} }

export async function nodeShutdown(parts: ShutdownParts): Promise<NodeShutdown> {
  const { graceMs, periods } = parts.config.shutdown
  if (graceMs === 0 && periods.length === 0) return nothing
  const manager = await load(parts)
  return {
    isShuttingDown: () => manager.isShuttingDown,
    podWorked: () => manager.podWorked(),
    run: (signal) => manager.run(signal),
  }
}

async function load({ config, recorder, metrics, registry, workers, onChange, log }: ShutdownParts) {
  const [{ openShutdown }, { ShutdownMetrics }] = await Promise.all([
    import('./shutdown/open-shutdown.ts'),
    import('./metrics/shutdown-metrics.ts'),
  ])
  const seen = new ShutdownMetrics()
  metrics.add(() => seen.families())
  const open: Promise<ShutdownManager> = openShutdown({
    rootDir: config.rootDir,
    times: config.shutdown,
    busAddress: process.env['DBUS_SYSTEM_BUS_ADDRESS'],
    pods: () =>
      registry()
        .pods()
        .filter(({ metadata }) => workers().isHolding(podUid(metadata.uid)) === true),
    end: (uid, verdict, graceSeconds) => registry().evict(uid, verdict, graceSeconds),
    isCleanedUp: (uid) => workers().isCleanedUp(uid),
    onChange: (isShuttingDown) => {
      const message = `Shutdown manager detected shutdown ${isShuttingDown ? 'event' : 'cancellation'}`
      recorder?.recordOfNode({ type: 'Normal', reason: 'NodeShutdown', message })
      onChange()
    },
    onTimes: (times) => seen.seen(times),
    log,
  })
  return open
}
