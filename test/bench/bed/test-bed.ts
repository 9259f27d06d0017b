import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { dockerHost } from '../../../src/engine/connection/docker-host.ts'
import { DockerEngine } from '../../../src/engine/docker-engine.ts'
import { ensurePauseImage } from '../../../src/engine/pause-image.ts'
import { labels } from '../../../src/model/labels.ts'
import { hack } from '../../support/command.ts'
import { freePort } from '../../support/free-port.ts'
import { unmountAndRemove } from '../../support/mounts.ts'
import { PeerKubelet } from '../../support/peer-kubelet.ts'
import { removePodCgroups } from '../../support/pod-cgroups.ts'
import { AgentProcess } from './agent-process.ts'
import { BenchCluster } from './bench-cluster.ts'
import type { BenchOptions } from '../options.ts'
import { MachineWatch } from './machine-watch.ts'
import { ourNode, peerNode, Turns, type MeasuredNode } from './measured-node.ts'
import { daemonPids } from './process-usage.ts'
import { RawDocker } from '../../support/raw-docker.ts'
import { rawLabel, RawPods, removeLabelled } from './raw-pods.ts'

/** What every measurement works with. */
export interface TestBed {
  readonly raw: RawPods
  readonly docker: RawDocker
  /** Ours, and the real kubelet's where that is measured, too. */
  readonly nodes: readonly MeasuredNode[]
  readonly ours: MeasuredNode
  /** Of our node. */
  readonly cluster: BenchCluster
  readonly agent: AgentProcess
  readonly turns: Turns
  readonly load: MachineWatch
  /** Docker's processes, as far as they run on this machine. */
  readonly daemons: readonly number[]
  /** The agent's log and profile are in here. */
  readonly directory: string
  /** What it was measured on. */
  readonly machine: string
}

/** Brings up Docker, images, control plane and agent, in this order; `stack` takes them down again. */
export async function openTestBed(
  options: BenchOptions,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<TestBed> {
  const load = await MachineWatch.start(signal)
  // Nobody else's node, and another one than that of a run that was killed.
  const nodeName = `minikubelet-bench-${process.pid}`
  await hack('docker.sh', 'up')
  await hack('images.sh', 'busybox')
  await hack('control-plane.sh', 'up')
  const kubeconfig = await hack('control-plane.sh', 'kubeconfig')
  const nodeKubeconfig = await hack('node-credentials.sh', nodeName)
  // A key, and of no use to another run; nor is what the script locks.
  for (const file of [nodeKubeconfig, nodeKubeconfig.replace(/kubeconfig$/u, 'lock')]) {
    stack.defer(() => rm(file, { force: true }))
  }
  const main = options.agent === undefined ? await build() : resolve(options.agent)

  const directory = await workDirectory(options, stack)
  const docker = stack.use(new RawDocker())
  await removeLabelled(docker, rawLabel)
  stack.defer(() => removeLabelled(docker, rawLabel))
  stack.defer(() => removePodCgroups(join(directory, 'root')))
  stack.defer(() => removeLabelled(docker, `${labels.node}=${nodeName}`))
  const { pauseImage, machine } = await aboutDocker(nodeName, signal)
  const cluster = stack.use(await BenchCluster.open(kubeconfig, nodeName, signal))
  const agent = stack.use(
    new AgentProcess({
      main,
      kubeconfig: nodeKubeconfig,
      nodeName,
      directory,
      profile: options.profile,
      port: await freePort(),
    }),
  )
  const ours = ourNode(agent, cluster)
  const nodes = options.peer ? [ours, await openPeer(kubeconfig, stack, signal)] : [ours]
  const turns = stack.use(new Turns(nodes))
  const raw = new RawPods(docker, pauseImage)
  return { raw, docker, nodes, ours, cluster, agent, turns, load, daemons: daemonPids(), directory, machine }
}

/** The real kubelet beside ours, on the same Docker and API server. */
async function openPeer(kubeconfig: string, stack: AsyncDisposableStack, signal: AbortSignal): Promise<MeasuredNode> {
  const peer = stack.use(await PeerKubelet.start(process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'))
  return await peerNode(peer, stack.use(await BenchCluster.open(kubeconfig, peer.name, signal)))
}

/** The pause image is the agent's own, so that Docker does the same for both sides. */
async function aboutDocker(
  nodeName: string,
  signal: AbortSignal,
): Promise<{ readonly pauseImage: string; readonly machine: string }> {
  const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env
  using engine = await DockerEngine.connect(
    { host: dockerHost(undefined, { DOCKER_HOST, DOCKER_CERT_PATH }), nodeName },
    signal,
  )
  const [pause, info] = await Promise.all([ensurePauseImage(engine, signal), engine.info(signal)])
  const machine = `Docker ${info.version}, Linux ${info.kernelVersion}, ${info.cpus} CPUs, Node ${process.version}`
  return { pauseImage: pause.id, machine }
}

async function workDirectory({ keep }: BenchOptions, stack: AsyncDisposableStack): Promise<string> {
  if (keep !== undefined) {
    await mkdir(keep, { recursive: true })
    return resolve(keep)
  }
  const directory = await mkdtemp(join(tmpdir(), 'minikubelet-bench-'))
  stack.defer(() => unmountAndRemove(directory))
  return directory
}

/** The agent is measured as it is shipped: Node's own type stripping costs 18 MB. */
async function build(): Promise<string> {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: repository })
  return join(repository, 'dist', 'main.js')
}

const repository = resolve(import.meta.dirname, '..', '..', '..')
