/** Parts of the agent that follow from its configuration alone: where Pods come from, who hears of what becomes of them. */
import type { Cluster } from './cluster/cluster.ts'
import { EventRecorder } from './cluster/event-recorder.ts'
import type { KubeletConfig } from './config/config.ts'
import type { ManifestChange } from './manifest/reconcile-manifests.ts'
import type { PodEventSink } from './model/pod-event.ts'
import type { PodSourceName } from './sync/registry/pod-registry.ts'
import { kubeEventReader, logReader } from './sync/reporting/event-readers.ts'
import type { Logger } from './util/log.ts'

/** The sources that the registry waits for before it knows who is wanted. */
export function sourcesOf(config: KubeletConfig): readonly PodSourceName[] {
  return [
    ...(config.kubeconfig === undefined ? [] : ['api' as const]),
    ...(config.manifestPath === undefined ? [] : ['file' as const]),
  ]
}

/** The folder of manifests; `undefined` without one. Loaded only where it is used: reading YAML takes 8 MB. */
export async function manifestsOf(
  { manifestPath: path, nodeName, fileCheckFrequencyMs }: KubeletConfig,
  signal: AbortSignal,
): Promise<AsyncIterable<ManifestChange> | undefined> {
  if (path === undefined) return undefined
  const { manifestFolder } = await import('./manifest/manifest-folder.ts')
  return manifestFolder({ path, nodeName, fileCheckFrequencyMs }, signal)
}

/** Writes the events of Pods and of the Node to the API server, no more of them than it is to bear. */
export function eventRecorder(config: KubeletConfig, cluster: Cluster, log: Logger): EventRecorder {
  return new EventRecorder({
    cluster,
    host: config.nodeName,
    rate: { perSecond: config.eventQps, burst: config.eventBurst },
    onFault: (error) => log.warn('An event is lost', { error }),
  })
}

/** Tells what happens to Pods: the log, and the API server where there is one. */
export function eventSink(log: Logger, recorder: EventRecorder | undefined): PodEventSink {
  const readers = [logReader(log), ...(recorder === undefined ? [] : [kubeEventReader(recorder)])]
  return (event) => {
    for (const reader of readers) reader(event)
  }
}
