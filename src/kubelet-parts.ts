/** Parts of the agent that follow from its configuration alone: where Pods come from, who hears of what becomes of them. */
import type { Cluster } from './cluster/cluster.ts'
import { EventRecorder } from './cluster/event-recorder.ts'
import type { KubeletConfig } from './config/config.ts'
import type { ManifestChange } from './manifest/reconcile-manifests.ts'
import type { PodEventSink } from './model/pod-event.ts'
import type { KubeNode } from './model/kube.ts'
import { nodeObject, type NodeInput } from './node/node-object.ts'
import { diskUsage } from './eviction/disk-usage.ts'
import { LocalStorageEvictions } from './eviction/local-storage-evictions.ts'
import type { PodRegistry, PodSourceName } from './sync/registry/pod-registry.ts'
import { kubeEventReader, logReader } from './sync/reporting/event-readers.ts'
import type { NodePaths } from './translate/paths.ts'
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

/** Tells what happens to Pods: the log, the API server where there is one, and whoever else wants to know. */
export function eventSink(log: Logger, recorder: EventRecorder | undefined, ...more: PodEventSink[]): PodEventSink {
  const readers = [logReader(log), ...(recorder === undefined ? [] : [kubeEventReader(recorder)]), ...more]
  return (event) => {
    for (const reader of readers) reader(event)
  }
}

/** Ends Pods whose volumes hold more than they may. The registry tells of Pods, and is asked for them only after that. */
export function localStorageEvictions(paths: NodePaths, registry: () => PodRegistry): LocalStorageEvictions {
  return new LocalStorageEvictions({
    paths,
    pods: () => registry().running(),
    usage: diskUsage,
    evict: (uid, verdict) => registry().evict(uid, verdict),
  })
}

/** The Node as the agent makes it, for as long as the API server has told of none. */
export function ownNode(input: Pick<NodeInput, 'config' | 'kubeletVersion' | 'facts' | 'engine'>): KubeNode {
  return nodeObject({ ...input, images: [], errors: [], previous: undefined, nowMs: Date.now() })
}
