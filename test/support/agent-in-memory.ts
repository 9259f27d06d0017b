import { join } from 'node:path'
import PQueue from 'p-queue'
import { ClusterObjects } from '../../src/cluster/objects/cluster-objects.ts'
import type { PodCgroups } from '../../src/cgroup/pod-cgroups.ts'
import { podSource } from '../../src/cluster/pod-source.ts'
import type { PressureCondition } from '../../src/model/eviction-threshold.ts'
import type { KubeletError } from '../../src/model/errors.ts'
import type { EngineInfo } from '../../src/engine/engine.ts'
import type { KubeNode } from '../../src/model/kube.ts'
import type { PodEventSink } from '../../src/model/pod-event.ts'
import type { VerificationPolicy } from '../../src/model/verification-policy.ts'
import type { ManifestChange } from '../../src/manifest/reconcile-manifests.ts'
import { PullCredentials } from '../../src/credentials/pull-credentials.ts'
import { PullRecords } from '../../src/credentials/records/pull-records.ts'
import { Probes } from '../../src/probe/probes.ts'
import { GpuLedger } from '../../src/sync/gpu-ledger.ts'
import { feedFromCluster, feedFromManifests } from '../../src/sync/registry/feed-registry.ts'
import { ImagePuller, pullReference } from '../../src/sync/images/image-puller.ts'
import { MirrorPods } from '../../src/sync/reporting/mirror-pods.ts'
import { ObservedPods } from '../../src/sync/observed-pods.ts'
import { PodRegistry } from '../../src/sync/registry/pod-registry.ts'
import { PodWorkers } from '../../src/sync/pod-workers.ts'
import { Relist } from '../../src/sync/relist.ts'
import { ResizeRecords } from '../../src/sync/resize/resize-records.ts'
import { sandboxImage } from '../../src/sync/images/sandbox-image.ts'
import { StatusBoard } from '../../src/sync/reporting/status-board.ts'
import { StatusWriter } from '../../src/sync/reporting/status-writer.ts'
import type { NodePaths } from '../../src/translate/paths.ts'
import type { Logger } from '../../src/util/log.ts'
import type { Rate } from '../../src/util/token-bucket.ts'
import { LogLinks } from '../../src/volume/log-links.ts'
import { PodFiles } from '../../src/volume/pod-files.ts'
import type { Mounts } from '../../src/volume/mounts/mounts.ts'
import { ImageVolumes } from '../../src/volume/image-volumes.ts'
import { PodVolumes } from '../../src/volume/pod-volumes.ts'
import { closeRootDirectory, openRootDirectory } from '../../src/volume/root-directory.ts'
import type { EventQueue } from '../fakes/event-queue.ts'
import type { FakeCluster } from '../fakes/fake-cluster.ts'
import type { AgentEngine } from './agent-engine.ts'

/** What an agent runs on and with; see `NodeOptions`. */
export interface AgentOptions {
  readonly nodeName: string
  readonly daemon: EngineInfo
  readonly nodeIps: readonly string[]
  readonly cgroups: PodCgroups
  /** By Docker's id. */
  readonly gpus: readonly string[]
  readonly clusterDns: readonly string[]
  /** The Node as the agent sees it when it starts. */
  readonly node: KubeNode
  /** The API server has it, as far as the agent has heard. */
  readonly isNodeKnown: boolean
  readonly unsafeSysctls: readonly string[]
  readonly root: string
  readonly mounts: Mounts
  readonly engine: AgentEngine
  readonly cluster: FakeCluster
  /** Static Pods; without them the API server is the only source. */
  readonly manifests: EventQueue<ManifestChange> | undefined
  readonly sandboxImage: string | undefined
  readonly parallelPulls: number
  readonly pullRate: Rate
  readonly maxCrashLoopMs: number
  readonly imageVerification: VerificationPolicy
  readonly emit: PodEventSink
  readonly log: (message: string) => void
}

/** The node itself has none. */
const noCredentials = { find: async () => [] }
const relistPeriodMs = 60_000
export const parallelStarts = 4
export const parallelEnds = 2

/** One life of the agent: the loops composed as in src/kubelet.ts, over the fakes. */
export class AgentInMemory {
  readonly workers: PodWorkers
  readonly registry: PodRegistry
  readonly statuses: StatusBoard
  /** What the node is short of. */
  pressures: readonly PressureCondition[] = []
  readonly #mirrors: MirrorPods
  readonly #probes: Probes
  readonly #options: AgentOptions
  readonly #paths: NodePaths
  readonly #relist: Relist
  readonly #writer: StatusWriter
  readonly #images: ImagePuller
  readonly #records: PullRecords
  readonly #objects: ClusterObjects
  readonly #resizes: ResizeRecords
  readonly #logLinks: LogLinks
  /** Ends before its life does when it is to end its Pods first. */
  readonly #sources = new AbortController()
  readonly #life = new AbortController()
  readonly #loops: Promise<void>[] = []

  constructor(options: AgentOptions) {
    const { engine, cluster, emit, log, root, nodeName, nodeIps } = options
    const signal = this.#life.signal
    const observed = new ObservedPods(engine)
    const images = new ImagePuller({ engine, parallel: options.parallelPulls, rate: { perSecond: 0, burst: 0 } })
    const paths = { root, podLogs: join(root, 'pod-logs') }
    this.#logLinks = new LogLinks({
      folders: { podLogs: paths.podLogs, containerLogs: join(root, 'container-logs') },
      dataRoot: join(root, 'docker'),
      isDockerHere: true,
      onFault: (error) => log(`Links to logs: ${String(error)}`),
    })
    this.#paths = paths
    const files = new PodFiles({ paths, clusterDomain: 'cluster.local', onStranger: log })
    const volumes = new PodVolumes({ paths, mounts: options.mounts, emit })
    this.#options = options
    this.#images = images
    this.#records = new PullRecords({ rootDir: root, policy: options.imageVerification, log: asLogger(log) })
    this.#objects = new ClusterObjects({
      cluster,
      idleMs: 120_000,
      onChange: (uid) => this.workers.objectsChanged(uid),
      onFault: (what, error) => log(`${what}: ${error.message}`),
      backOff: { initialMs: 1, maxMs: 1 },
      signal,
    })
    this.#resizes = new ResizeRecords(paths)
    this.#writer = new StatusWriter({ cluster, emit, signal })
    this.statuses = new StatusBoard(this.#writer)
    this.#probes = new Probes({
      engine,
      userAgent: 'kube-probe/1.36',
      emit,
      onVerdicts: (uid) => this.workers.poke(uid),
      random: () => 0.5,
    })
    this.workers = new PodWorkers({
      signal,
      onOver: (uid) => {
        this.registry.over(uid)
        this.#mirrors.over()
      },
      onStopped: () => this.registry.roomMade(),
      context: {
        nodeName,
        kubernetesRelease: '1.36',
        daemon: options.daemon,
        node: () => this.registry.admission.node,
        isWanted: (uid) => this.registry.isWanted(uid),
        nodeIps,
        paths,
        network: 'default',
        clusterDomain: 'cluster.local',
        clusterDns: options.clusterDns,
        hostDns: async () => ({ servers: [], searches: [], options: [] }),
        engine,
        observed,
        images,
        objects: this.#objects,
        credentials: new PullCredentials({ secrets: this.#objects.data, node: noCredentials }),
        records: this.#records,
        resizes: this.#resizes,
        files,
        volumes,
        logLinks: this.#logLinks,
        imageVolumes: new ImageVolumes({ paths, mounts: options.mounts, engine, daemon: options.daemon }),
        probes: this.#probes,
        statuses: this.statuses,
        emit,
        sandboxImage: sandboxImage({ engine, images, credentials: noCredentials, reference: options.sandboxImage }),
        utsRuntime: undefined,
        cpuPeriodUs: 100_000,
        seccompDefault: false,
        logRotation: { maxBytes: 10 * 1024 * 1024, maxFiles: 5 },
        throttlePaths: [],
        cgroups: options.cgroups,
        gpus: new GpuLedger(options.gpus, observed),
        starts: new PQueue({ concurrency: parallelStarts }),
        ends: new PQueue({ concurrency: parallelEnds }),
        maxCrashLoopMs: options.maxCrashLoopMs,
        keptInstances: 1,
        resyncMs: 60_000,
      },
    })
    const orphans = (): void => {
      this.registry
        .endOrphans(signal)
        .catch((error: unknown) => log(`Orphans could not be looked for: ${String(error)}`))
    }
    this.registry = new PodRegistry(this.workers, {
      sources: options.manifests === undefined ? ['api'] : ['api', 'file'],
      observed,
      admission: {
        own: options.node,
        readNode: (nodeSignal) => cluster.getNode(nodeName, nodeSignal),
        pressures: () => this.pressures,
        isShuttingDown: () => false,
        unsafeSysctls: options.unsafeSysctls,
        hasAppArmor: false,
        onFault: (error) => log(`Node: ${error.message}`),
      },
      resizes: { records: this.#resizes, onFault: (error) => log(`Resize: ${error.message}`) },
      emit,
      directories: (isKnown) => files.list(isKnown),
      onSynced: orphans,
    })
    this.#mirrors = new MirrorPods({
      cluster,
      nodeName,
      statuses: this.statuses,
      wanted: () => this.registry.pods(),
      held: () => [...this.workers.refs().map(({ uid }) => uid), ...observed.uids()],
      allRead: () => this.registry.knowsStaticPods,
      onFault: (error) => log(`Mirror: ${error.message}`),
    })
    this.#relist = new Relist({
      engine,
      observed,
      onConnected: () => {
        images.forget()
        this.workers.imagesChanged()
        this.workers.pokeAll()
      },
      onImages: () => {
        images.forget()
        this.workers.imagesChanged()
      },
      periodMs: relistPeriodMs,
      onChange: (uid) => this.workers.poke(uid),
      onListed: orphans,
      onError: (error) => log(`Containers could not be listed: ${error.message}`),
    })
  }

  get isDead(): boolean {
    return this.#life.signal.aborted
  }

  async start(): Promise<void> {
    const signal = this.#life.signal
    const { cluster, nodeName, manifests, log } = this.#options
    await openRootDirectory(this.#paths, this.#options.mounts, asLogger(log), signal)
    await Promise.all([this.#relist.firstList(signal), this.#resizes.load()])
    await this.#records.takeOver(async (image) => (await this.#images.find(pullReference(image), signal))?.id)
    const onFault = (error: KubeletError): void => log(`Pods could not be read from the API server: ${error.message}`)
    const fromSources = AbortSignal.any([signal, this.#sources.signal])
    const changes = podSource({ cluster, nodeName, onFault, backOff: { initialMs: 1, maxMs: 1 } }, fromSources)
    const { registry } = this
    const mirrors = this.#mirrors
    this.#loops.push(
      this.#relist.run(signal),
      this.registry.run(signal),
      feedFromCluster(changes, { registry, writer: this.#writer, mirrors }),
      mirrors.run(signal),
      this.#objects.services.run(signal),
    )
    if (manifests !== undefined)
      this.#loops.push(
        feedFromManifests(manifests.read(fromSources), {
          registry,
          mirrors,
          emit: this.#options.emit,
          log: asLogger(log),
        }),
      )
    // The Node is not this one's to register, and its UID is to be asked for.
    mirrors.registered({ metadata: { name: nodeName } })
    if (this.#options.isNodeKnown) registry.admission.setNode(this.#options.node)
  }

  /** Ends every Pod, as `--cleanup-on-exit` does on SIGTERM. */
  async cleanUp(): Promise<void> {
    this.#sources.abort()
    this.registry.endAll()
    await this.workers.settled()
    await this.#mirrors.removeAll(this.#life.signal)
    await this.#records.remove()
    await this.#logLinks.close()
    await closeRootDirectory(this.#paths, this.#options.mounts, asLogger(this.#options.log))
    this.die()
  }

  /** From now on no call has any effect, as if the process were gone; what it had in memory is never read again. */
  die(): void {
    this.#life.abort()
  }

  /** Resolves when nothing of it goes on. */
  async ended(): Promise<void> {
    await Promise.all([...this.#loops, this.workers.settled()])
    await this.#logLinks.settled()
    await this.#probes[Symbol.asyncDispose]()
    await this.#objects[Symbol.asyncDispose]()
  }
}

function asLogger(log: (message: string) => void): Logger {
  const logger: Logger = { trace: log, debug: log, info: log, warn: log, error: log, child: () => logger }
  return logger
}
