/** What the node does not keep: built by the composition root in one go, from parts some of which come after it. */
import { join } from 'node:path'
import { isDockerHere } from './cgroup/open-cgroups.ts'
import type { EventRecorder } from './cluster/event-recorder.ts'
import type { KubeletConfig } from './config/config.ts'
import type { Engine, EngineInfo, InspectedImage } from './engine/engine.ts'
import { isPauseImage } from './engine/pause-image.ts'
import { ContainerGarbage } from './garbage/container-garbage.ts'
import type { JudgedPod } from './garbage/dead-containers.ts'
import { GarbageRounds } from './garbage/garbage-rounds.ts'
import { ImageGarbage } from './garbage/image-garbage.ts'
import { isNamed } from './garbage/image-names.ts'
import { ImageUses } from './garbage/image-uses.ts'
import type { GarbageMetrics } from './metrics/garbage-metrics.ts'
import type { KubeletError } from './model/errors.ts'
import type { ContainerId, PodUid } from './model/ids.ts'
import { imageNames } from './model/image-user.ts'
import { localFileSystem } from './stats/disk/file-system.ts'
import { pullReference } from './sync/images/image-puller.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { PodWorkers } from './sync/pod-workers.ts'
import type { PodRegistry } from './sync/registry/pod-registry.ts'
import type { Logger } from './util/log.ts'
import type { LogLinks } from './volume/log-links.ts'

export interface GarbageOptions {
  readonly config: Pick<KubeletConfig, 'rootDir' | 'dockerHost' | 'garbage' | 'podInfraContainerImage'>
  readonly engine: Engine
  readonly daemon: EngineInfo
  readonly observed: ObservedPods
  readonly logLinks: LogLinks
  readonly recorder: EventRecorder | undefined
  readonly metrics: GarbageMetrics
  /** Asked only once the rounds have begun. */
  readonly registry: () => PodRegistry
  readonly workers: () => PodWorkers
  /** Why Docker did not say what there is when it was last asked; `undefined` where it did. */
  readonly listFault: () => KubeletError | undefined
  readonly log: Logger
}

export interface NodeGarbage {
  /** A Pod has found its image, by this name. */
  readonly asked: (reference: string, image: InspectedImage) => void
  /** It is known which Pods there are: the rounds begin. */
  readonly begin: () => void
  /** Collects until `signal` fires. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /**
   * Removes all that Pods which are over have left in Docker (the kubelet's
   * DeleteAllUnusedContainers). Throws `aborted` only.
   */
  readonly reclaimContainers: (signal: AbortSignal) => Promise<void>
  /** Removes every unused image that may go (DeleteUnusedImages). Throws what `ImageGarbage.reclaim` throws. */
  readonly reclaimImages: (signal: AbortSignal) => Promise<void>
}

/** Never rejects. */
export async function nodeGarbage(options: GarbageOptions): Promise<NodeGarbage> {
  const { config, recorder, log, listFault } = options
  const uses = new ImageUses({
    rootDir: config.rootDir,
    onFault: (error) => log.warn('Which images Pods have used could not be noted', { error }),
  })
  await uses.load()
  const warning = (reason: string, message: string): void =>
    recorder?.recordOfNode({ type: 'Warning', reason, message })
  const images = imageGarbage(options, uses, warning)
  const containers = containerGarbage(options)
  const rounds = new GarbageRounds({
    containers: async (signal) => {
      const fault = listFault()
      if (fault !== undefined) throw fault
      await containers.collect(signal)
    },
    images: (signal) => images.collect(signal),
    tell: warning,
    onRound: (what, error) => {
      if (error === undefined) log.info('Garbage can be collected again', { what })
      else log.warn('Garbage could not be collected', { what, error })
    },
  })
  return {
    asked: (reference, { id }) => uses.asked(reference, id),
    begin: () => rounds.begin(),
    run: async (signal) => {
      await rounds.run(signal)
      await uses.settled()
    },
    reclaimContainers: (signal) => containers.collect(signal, true),
    reclaimImages: (signal) => images.reclaim(signal),
  }
}

function imageGarbage(
  { config, engine, daemon, observed, registry, metrics, log }: GarbageOptions,
  uses: ImageUses,
  tell: (reason: string, message: string) => void,
): ImageGarbage {
  const { garbage, podInfraContainerImage: own, dockerHost } = config
  const isHere = isDockerHere(daemon, dockerHost)
  return new ImageGarbage({
    engine,
    uses,
    policy: garbage.images,
    scope: garbage.scope,
    // Of a Docker elsewhere there may be a folder of that name here, of another Docker: how full that is says nothing.
    // An agent in a container may not see it.
    room: async () => (isHere ? localFileSystem(join(daemon.rootDirectory, 'containers')) : undefined),
    held: () => observed.uids().flatMap((uid) => observed.get(uid).containers.map(({ imageId }) => imageId)),
    wanted: () => registry().running().flatMap(imageNames).map(pullReference),
    isPinned: (image) => isPauseImage(image) || (own !== undefined && isNamed(image, pullReference(own))),
    tell,
    onRemoved: (why, { id, tags, sizeBytes }) => {
      log.info('An image is removed that nobody uses', { id, tags, bytes: sizeBytes, why })
      metrics.imageRemoved(why)
    },
  })
}

function containerGarbage({
  config,
  engine,
  observed,
  registry,
  workers,
  logLinks,
  log,
}: GarbageOptions): ContainerGarbage {
  return new ContainerGarbage({
    policy: config.garbage.containers,
    pods: () => (registry().synced ? judged(observed, workers()) : undefined),
    remove: async (uid, id, signal) => {
      try {
        await removeFromNode(uid, id, signal)
        workers().poke(uid)
      } catch (error) {
        if (signal.aborted) throw error
        log.warn('A dead container could not be removed', { id, error })
      }
    },
    onEmptied: async (uid, signal) => {
      const ref = workers()
        .refs()
        .find((worked) => worked.uid === uid)
      if (ref !== undefined) await logLinks.removePod(ref, signal)
    },
    sweep: (signal) => logLinks.sweep(signal, { pods: new Set(observed.uids()), containers: observed.ids() }),
  })

  async function removeFromNode(uid: PodUid, id: ContainerId, signal: AbortSignal): Promise<void> {
    const object = observed.find(uid, id)
    await engine.remove(id, signal)
    if (object?.kind === 'container') await logLinks.remove(object)
    observed.drop(uid, id)
  }
}

/** The Pods that have a worker, with how they stand; of the others nobody knows yet whether they are wanted. */
function judged(observed: ObservedPods, workers: PodWorkers): readonly JudgedPod[] {
  return workers.all().map(({ uid, lifecycle, isEvicted }) => ({
    observed: observed.get(uid),
    standing: lifecycle === 'terminated' ? (isEvicted ? 'evicted' : 'over') : 'wanted',
  }))
}
