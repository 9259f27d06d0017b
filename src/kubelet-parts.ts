/** Parts of the agent that follow from its configuration alone: where Pods come from, who hears of what becomes of them. */
import { homedir } from 'node:os'
import { NodeCgroups } from './cgroup/node-cgroups.ts'
import type { Cluster } from './cluster/cluster.ts'
import { EventRecorder } from './cluster/event-recorder.ts'
import { ClusterObjects } from './cluster/objects/cluster-objects.ts'
import type { KubeletConfig } from './config/config.ts'
import { NodeCredentials } from './credentials/node-credentials.ts'
import type { Engine } from './engine/engine.ts'
import type { ManifestChange } from './manifest/reconcile-manifests.ts'
import type { PodUid } from './model/ids.ts'
import type { PodEventSink } from './model/pod-event.ts'
import type { KubeNode } from './model/kube.ts'
import type { NodeAgent } from './node/node-agent.ts'
import { nodeObject, nodeResources, type NodeInput } from './node/node-object.ts'
import { podsBounds } from './node/node-resources.ts'
import { ImagePuller, type ImagePullerOptions } from './sync/images/image-puller.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { PodWorkers } from './sync/pod-workers.ts'
import type { PodRegistry, PodSourceName } from './sync/registry/pod-registry.ts'
import { Relist, type RelistOptions } from './sync/relist.ts'
import { kubeEventReader, logReader } from './sync/reporting/event-readers.ts'
import { MirrorPods } from './sync/reporting/mirror-pods.ts'
import type { StatusBoard } from './sync/reporting/status-board.ts'
import type { Logger } from './util/log.ts'

/** Events tell of changes at once; a list is for those that were lost. */
const relistPeriodMs = 60_000

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

/** The Node as the agent makes it, for as long as the API server has told of none. */
export function ownNode(input: Pick<NodeInput, 'config' | 'kubeletVersion' | 'facts' | 'engine'>): KubeNode {
  return nodeObject({ ...input, images: [], errors: [], pressures: [], previous: undefined, nowMs: Date.now() })
}

/** Pulls images, no more of them at once and a second than the configuration says. */
export function imagePuller(
  config: KubeletConfig,
  engine: Engine,
  onFound: NonNullable<ImagePullerOptions['onFound']>,
): ImagePuller {
  return new ImagePuller({
    engine,
    parallel: config.maxParallelImagePulls ?? Number.POSITIVE_INFINITY,
    rate: { perSecond: config.registryQps, burst: config.registryBurst },
    onFound,
  })
}

/** What the node itself may pull with. */
export function nodeCredentials({ rootDir }: KubeletConfig, log: Logger): NodeCredentials {
  return new NodeCredentials({ rootDir, workingDir: process.cwd(), homeDir: homedir(), log })
}

export interface ClusterObjectsInput {
  readonly config: KubeletConfig
  readonly cluster: Cluster
  /** A Pod refers to something that is another than before; `undefined` stands for all Pods. */
  readonly onChange: (uid: PodUid | undefined) => void
  readonly log: Logger
}

/** ConfigMaps, Secrets and Services that Pods refer to; read until `signal` fires. */
export function clusterObjects(
  { config, cluster, onChange, log }: ClusterObjectsInput,
  signal: AbortSignal,
): ClusterObjects {
  return new ClusterObjects({
    cluster,
    idleMs: 2 * config.syncFrequencyMs,
    onChange,
    onFault: (what, error) => log.warn(`${what} could not be read from the API server`, { error }),
    signal,
  })
}

export interface RelistParts extends Pick<RelistOptions, 'engine' | 'observed' | 'measures'> {
  readonly images: ImagePuller
  readonly workers: PodWorkers
  readonly node: NodeAgent | undefined
  /** A list of all containers was had: who is there without being wanted can be told now. */
  readonly onListed: () => void
  readonly log: Logger
}

/** Follows Docker's containers and images; who knows something of them that may be wrong now hears of it. */
export function dockerRelist({ images, workers, node, log, ...parts }: RelistParts): Relist {
  const imagesChanged = (): void => {
    images.forget()
    workers.imagesChanged()
  }
  return new Relist({
    ...parts,
    periodMs: relistPeriodMs,
    onConnected: () => {
      imagesChanged()
      node?.forgetDocker()
      workers.pokeAll()
    },
    onImages: () => {
      imagesChanged()
      node?.forgetImages()
    },
    onChange: (uid) => workers.poke(uid),
    onError: (error) => log.warn('Containers could not be listed', { error }),
  })
}

/** The cgroups of this node's Pods. Throws what `NodeCgroups.open` throws. */
export async function nodeCgroups(
  node: Pick<NodeInput, 'config' | 'facts' | 'engine'> & { readonly config: KubeletConfig },
  recorder: EventRecorder | undefined,
  log: Logger,
): Promise<NodeCgroups> {
  const { config, facts, engine } = node
  return await NodeCgroups.open({
    ...config,
    config: config.cgroups,
    docker: engine,
    pageSizes: Object.keys(facts.hugePages),
    podsBounds: podsBounds(nodeResources(node), config.cgroups.enforced.includes('pods')),
    tell: (type, reason, message) => recorder?.recordOfNode({ type, reason, message }),
    log,
  })
}

export interface MirroredParts {
  readonly cluster: Cluster
  readonly nodeName: string
  readonly statuses: StatusBoard
  readonly registry: PodRegistry
  readonly workers: PodWorkers
  readonly observed: ObservedPods
  readonly log: Logger
}

/** Shows the static Pods of this node in the API server. */
export function mirrorPods({ registry, workers, observed, log, ...parts }: MirroredParts): MirrorPods {
  return new MirrorPods({
    ...parts,
    wanted: () => registry.pods(),
    held: () => [...workers.refs().map(({ uid }) => uid), ...observed.uids()],
    allRead: () => registry.knowsStaticPods,
    onFault: (error) => log.warn('A static Pod is not shown as it is in the API server', { error }),
  })
}
