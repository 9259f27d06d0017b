/**
 * The composition root: builds everything in order, starts it, waits for the end and takes
 * it apart in reverse. No logic.
 */
import PQueue from 'p-queue'
import { podSource } from './cluster/pod-source.ts'
import type { KubeletConfig } from './config/config.ts'
import { kubeletVersion, kubernetesMinorRelease } from './config/version.ts'
import { PullCredentials } from './credentials/pull-credentials.ts'
import { PullRecords } from './credentials/records/pull-records.ts'
import { connectEngine } from './engine/connect-engine.ts'
import { requirePodNetwork } from './engine/pod-network.ts'
import { utsRuntime } from './engine/uts-runtime.ts'
import { agentMetrics, podsSeen } from './kubelet-metrics.ts'
import {
  clusterObjects,
  dockerRelist,
  eventRecorder,
  eventSink,
  imagePuller,
  mirrorPods,
  nodeCgroups,
  manifestsOf,
  nodeCredentials,
  ownNode,
  sourcesOf,
} from './kubelet-parts.ts'
import { nodePressure } from './kubelet-pressure.ts'
import { nodeGarbage } from './kubelet-garbage.ts'
import { NodeIdentity } from './kubelet-identity.ts'
import { nodeShutdown } from './kubelet-shutdown.ts'
import { openPorts } from './kubelet-server.ts'
import { nodeStats } from './kubelet-stats.ts'
import { openStorage } from './kubelet-storage.ts'
import { cgroupVersion } from './metrics/build-info.ts'
import { EventLoopDelay } from './metrics/event-loop-delay.ts'
import { measuredEngine } from './metrics/runtime/measured-engine.ts'
import type { KubeletError } from './model/errors.ts'
import type { PodUid } from './model/ids.ts'
import { checkHostDns, HostDns } from './node/host-dns.ts'
import { NodeAgent } from './node/node-agent.ts'
import { readNodeFacts } from './node/node-facts.ts'
import { dockersGpus } from './node/node-object.ts'
import { OomWatcher } from './node/oom/oom-watcher.ts'
import { readThrottlePaths } from './node/throttle-paths.ts'
import { Probes } from './probe/probes.ts'
import { servedPods } from './server/served-pods.ts'
import { GpuLedger } from './sync/gpu-ledger.ts'
import { feedFromCluster, feedFromManifests } from './sync/registry/feed-registry.ts'
import { pullReference } from './sync/images/image-puller.ts'
import type { MirrorPods } from './sync/reporting/mirror-pods.ts'
import { ObservedPods } from './sync/observed-pods.ts'
import { PodRegistry } from './sync/registry/pod-registry.ts'
import { PodWorkers } from './sync/pod-workers.ts'
import { sandboxImage } from './sync/images/sandbox-image.ts'
import { StatusBoard } from './sync/reporting/status-board.ts'
import { StatusWriter } from './sync/reporting/status-writer.ts'
import { aborted } from './util/aborted.ts'
import type { RootLogger } from './util/log.ts'

/** How many steps of starts run side by side: Docker on two cores gets slower, not faster, beyond this (docs/bench.md). */
const parallelStarts = 4
/** The same for what clears away: with a hundred at once Docker 20.10 has stopped answering for good (docs/bench.md). */
const parallelEnds = 8
/** What the API server gets for the last events; whoever stops the agent expects it to be gone within seconds. */
const lastEventsMs = 1000
/** The same for the mirrors of static Pods, when those have been ended. */
const lastMirrorsMs = 5000

/** Runs the agent until `signal` fires. Throws `configuration` or `unavailable` for what keeps it from starting. */
export async function runKubelet(config: KubeletConfig, log: RootLogger, signal: AbortSignal): Promise<void> {
  await using stack = new AsyncDisposableStack()
  // What keeps Pods going outlives `signal` when they are to be ended before the agent does.
  const life = new AbortController()
  stack.defer(() => life.abort())
  const version = kubeletVersion()
  const mode = config.kubeconfig === undefined ? 'standalone' : 'cluster'
  log.info('Starting minikubelet', { version, node: config.nodeName, mode })
  const metrics = agentMetrics(config)
  const [docker, identity, facts, throttlePaths] = await Promise.all([
    connectEngine(config, signal),
    NodeIdentity.connect({ config, version, metrics, log }, signal),
    readNodeFacts(config, signal),
    readThrottlePaths(),
  ])
  stack.use(docker)
  stack.use(identity)
  const engine = measuredEngine(docker, metrics.runtime)
  const { cluster } = identity
  const [info] = await Promise.all([engine.info(signal), requirePodNetwork(engine, config.network, signal)])
  const delay = new EventLoopDelay({ log })
  metrics.add(() => [cgroupVersion(info.cgroupVersion), ...delay.families()])
  log.info('Connected to Docker', { version: info.version, apiVersion: info.apiVersion })

  const recorder = cluster === undefined ? undefined : eventRecorder(config, cluster, log)
  const emit = eventSink(log, recorder, metrics.read)
  const writer = cluster === undefined ? undefined : new StatusWriter({ cluster, emit, signal: life.signal })
  const node =
    cluster === undefined || recorder === undefined
      ? undefined
      : new NodeAgent({
          config,
          cluster,
          engine,
          recorder,
          kubeletVersion: version,
          log,
          pressures: () => pressure.conditions(),
          isShuttingDown: () => shutdown.isShuttingDown(),
          onRegistered: (registered) => mirrors?.registered(registered),
          onImages: (present, atMs) => void records.prune(present, atMs),
          onNode: (known) => {
            registry.admission.setNode(known)
            identity.nodeSeen(known)
          },
        })

  const cgroups = await nodeCgroups({ config, facts, engine: info }, recorder, log)
  const statuses = new StatusBoard(writer)
  const observed = new ObservedPods(engine)
  const images = imagePuller(config, engine, (reference, image) => garbage.asked(reference, image))
  const ownCredentials = nodeCredentials(config, log)
  const records = new PullRecords({ rootDir: config.rootDir, policy: config.imageVerification, log })
  const objects =
    cluster === undefined
      ? undefined
      : clusterObjects({ config, cluster, onChange: (uid) => workers.objectsChanged(uid), log }, life.signal)
  stack.use(objects)
  const onVolume = metrics.volumes.mounted.bind(metrics.volumes)
  const storage = await openStorage({ config, engine, daemon: info, emit, log, onVolume }, signal)
  const { paths, files, volumes, imageVolumes, logLinks, resizes } = storage
  const late = { config, recorder, registry: () => registry, workers: () => workers, log }
  const shutdown = await nodeShutdown({ ...late, metrics, onChange: () => node?.conditionChanged() })
  const held = { engine, daemon: info, observed, logLinks, metrics: metrics.garbage }
  const garbage = await nodeGarbage({ ...late, ...held, listFault: () => relist.fault })
  const probes = new Probes({
    engine,
    userAgent: `kube-probe/${kubernetesMinorRelease}`,
    emit,
    onVerdicts: (uid) => workers.poke(uid),
    onAnswer: (answer) => metrics.probes.answered(answer),
  })
  stack.use(probes)
  const hostDns = new HostDns(config.resolvConf)
  const workers = new PodWorkers({
    signal: life.signal,
    onOver: (uid) => {
      registry.over(uid)
      mirrors?.over()
    },
    onStopped: () => registry.roomMade(),
    onWorked: (done) => {
      metrics.podWorked(done)
      shutdown.podWorked()
      pressure.podWorked(done.uid)
    },
    context: {
      nodeName: config.nodeName,
      kubernetesRelease: kubernetesMinorRelease,
      daemon: info,
      node: () => registry.admission.node,
      isWanted: (uid) => registry.isWanted(uid),
      nodeIps: facts.addresses,
      paths,
      network: config.network,
      clusterDomain: config.clusterDomain,
      clusterDns: config.clusterDns,
      hostDns: () => hostDns.read(),
      engine,
      observed,
      images,
      objects,
      credentials: new PullCredentials({ secrets: objects?.data, node: ownCredentials }),
      records,
      resizes,
      files,
      volumes,
      imageVolumes,
      logLinks,
      probes,
      statuses,
      emit,
      sandboxImage: sandboxImage({
        engine,
        images,
        credentials: ownCredentials,
        reference: config.podInfraContainerImage,
      }),
      utsRuntime: utsRuntime(info, log),
      cpuPeriodUs: config.cpuPeriodUs,
      seccompDefault: config.seccompDefault,
      logRotation: config.logRotation,
      throttlePaths,
      cgroups: cgroups.pods,
      gpus: new GpuLedger(dockersGpus(facts, info), observed),
      starts: new PQueue({ concurrency: parallelStarts }),
      ends: new PQueue({ concurrency: parallelEnds }),
      // As many as the kubelet's own deletor keeps, which never takes the last.
      keptInstances: Math.max(1, config.garbage.containers.perContainer),
      maxCrashLoopMs: config.maxContainerRestartPeriodMs,
      resyncMs: config.syncFrequencyMs,
    },
  })
  const endOrphans = (): void => {
    registry.endOrphans(life.signal).catch((error: unknown) => log.warn('Orphans could not be looked for', { error }))
  }
  const pressure = nodePressure({
    config,
    daemon: info,
    paths,
    observed,
    workers,
    recorder,
    log,
    registry: () => registry,
    stats: () => stats(),
    garbage,
    onConditions: () => node?.conditionChanged(),
    metrics: metrics.evictions,
  })
  const registry: PodRegistry = new PodRegistry(workers, {
    sources: sourcesOf(config),
    observed,
    admission: {
      own: ownNode({ config, kubeletVersion: version, facts, engine: info }),
      readNode: cluster === undefined ? undefined : (nodeSignal) => cluster.getNode(config.nodeName, nodeSignal),
      pressures: () => pressure.conditions(),
      isShuttingDown: () => shutdown.isShuttingDown(),
      unsafeSysctls: config.allowedUnsafeSysctls,
      hasAppArmor: info.securityOptions.includes('apparmor'),
      onFault: (error) => log.warn('Pods wait to be let in: the Node could not be read', { error }),
    },
    resizes: { records: resizes, onFault: (error) => log.warn('A Pod could not be given more or less', { error }) },
    emit,
    directories: (isKnown) => files.list(isKnown),
    onPod: (pod) => {
      metrics.podSeen(pod)
      pressure.podChanged(pod)
    },
    onSynced: () => {
      endOrphans()
      garbage.begin()
    },
    onOrphan: () => metrics.workers.orphanFound(),
  })
  const { nodeName } = config
  const mirrored = { nodeName, statuses, registry, workers, observed, log }
  const mirrors: MirrorPods | undefined = cluster === undefined ? undefined : mirrorPods({ cluster, ...mirrored })
  const listed = { onListed: endOrphans, measures: metrics.relists }
  const relist = dockerRelist({ engine, observed, images, workers, node, log, ...listed })

  const pods = servedPods({
    pods: () => registry.pods(),
    status: (uid) => statuses.get(uid),
    staticUid: (uid) => mirrors?.staticUid(uid) ?? uid,
  })
  const seen = { pods, registry, workers, observed, mirrors: () => mirrors?.size ?? 0 }
  const mountedVolumes = (uid: PodUid) => workers.mountedVolumes(uid)
  const measured = { config, engine, observed, pods, metrics, paths, mountedVolumes, log, life: life.signal }
  const stats = nodeStats(measured)
  const server = { ...measured, cluster, identity, stats, podsSeen: () => podsSeen(seen), relist }
  stack.use(await openPorts(server, signal))
  await checkHostDns({ config, recorder, log })
  const manifests = await manifestsOf(config, signal)
  await Promise.all([relist.firstList(signal), resizes.load()])
  await records.takeOver(async (image) => (await images.find(pullReference(image), signal))?.id)

  const ooms = new OomWatcher({ recorder, log })
  const loops = [relist, registry, cgroups, pressure, garbage, shutdown, identity, delay, ooms].map((part) =>
    part.run(life.signal),
  )
  if (cluster !== undefined && writer !== undefined && mirrors !== undefined) {
    const onFault = (error: KubeletError, retryInMs: number): void =>
      log.warn('Pods could not be read from the API server', { error, retryInMs })
    const changes = podSource({ cluster, nodeName: config.nodeName, onFault }, signal)
    loops.push(feedFromCluster(changes, { registry, writer, mirrors }), mirrors.run(life.signal))
  }
  if (objects !== undefined) loops.push(objects.services.run(life.signal))
  if (recorder !== undefined) loops.push(recorder.run(life.signal))
  if (node !== undefined) loops.push(node.run(life.signal))
  if (manifests !== undefined) loops.push(feedFromManifests(manifests, { registry, mirrors, emit, log }))
  const work = Promise.all(loops)
  await Promise.race([aborted(signal), work])
  if (config.cleanupOnExit) {
    log.info('Ending the Pods of this node')
    registry.endAll()
    await workers.settled()
    await mirrors?.removeAll(AbortSignal.timeout(lastMirrorsMs))
    await Promise.all([records.remove(), identity.removeServing()])
    await storage.close()
    await cgroups.removeEmpty()
  }
  await recorder?.flush(AbortSignal.timeout(lastEventsMs))
  life.abort()
  await Promise.all([work, workers.settled()])
  log.info('Stopped')
}
