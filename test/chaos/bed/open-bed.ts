import { execFile } from 'node:child_process'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryPath, run } from '../../support/command.ts'
import { freePort } from '../../support/free-port.ts'
import { unmountAndRemove } from '../../support/mounts.ts'
import { removeCgroupRoot } from '../../support/pod-cgroups.ts'
import { ApiProxy } from '../faults/api/api-proxy.ts'
import type { ChaosBed, ChaosFolders } from '../fault.ts'
import type { Random } from '../random.ts'
import { ChaosAgent } from './chaos-agent.ts'
import { ChaosCluster } from './chaos-cluster.ts'
import { ChaosDocker } from './chaos-docker.ts'
import { StartedContainers } from './started-containers.ts'
import { ControlPlane } from './control-plane.ts'

/** For the agent's root folder. */
const rootSize = '64m'
const faultMs = 2_000
/** It only ends the wait for an agent that does not come up. */
const startMs = 60_000
/** The two are one, by two names. */
const images = ['busybox:1.36', 'busybox:1.28']

/** Brings up everything, the agent too; `stack` takes it down again, in reverse. */
export async function openBed(random: Random, stack: AsyncDisposableStack, signal: AbortSignal): Promise<ChaosBed> {
  const name = `chaos-${process.pid}`
  const top = await mkdtemp(join(tmpdir(), 'minikubelet-chaos-'))
  stack.defer(() => unmountAndRemove(top))
  const folders = await makeFolders(top)
  // After Docker: while a container is there its cgroup is.
  stack.defer(() => removeCgroupRoot(name))
  const starting = [
    ChaosDocker.start(...images).then((made) => stack.use(made)),
    ControlPlane.start(join(top, 'plane'), random).then((made) => stack.use(made)),
    promisify(execFile)('npm', ['run', 'build'], { cwd: repositoryPath('') }),
  ] as const
  // What has come up when another one fails is taken down, too.
  await Promise.allSettled(starting)
  const [docker, plane] = await Promise.all(starting)
  signal.throwIfAborted()
  const [kubeconfig, cluster] = await Promise.all([
    plane.credentialsOf(name),
    ChaosCluster.open(plane.kubeconfig, name, signal).then((made) => stack.use(made)),
  ])
  const api = stack.use(await ApiProxy.open(kubeconfig, plane.port, top))
  const flags = [
    `--kubeconfig=${api.kubeconfig}`,
    `--docker-host=${docker.proxy.host}`,
    `--hostname-override=${name}`,
    `--cgroup-root=/${name}`,
    `--root-dir=${folders.root}`,
    `--pod-logs-dir=${folders.podLogs}`,
    `--container-logs-dir=${folders.containerLogs}`,
    `--pod-manifest-path=${folders.manifests}`,
    '--node-ip=127.0.0.1',
    '--healthz-port=0',
    `--port=${await freePort()}`,
    '--address=127.0.0.1',
    '--log-format=json',
    '--v=4',
    // A full root folder would end Pods: that has tests of its own, and here each Pod has what it should.
    '--eviction-hard=memory.available<1Mi',
    '--image-gc-high-threshold=100',
    // Calls that hang for good are given up within a round.
    '--runtime-request-timeout=5s',
  ]
  const agent = stack.use(new ChaosAgent([repositoryPath('dist/main.js'), ...flags], join(top, 'agent.log')))
  const starts = stack.use(new StartedContainers(docker.host, name))
  const registered = agent.logged(({ msg }) => msg === 'The node is registered', AbortSignal.timeout(startMs))
  agent.start()
  await registered
  return { agent, docker, starts, api, plane, cluster, folders, faultMs }
}

async function makeFolders(top: string): Promise<ChaosFolders> {
  const at = (name: string): string => join(top, name)
  const folders: ChaosFolders = {
    top,
    root: at('root'),
    podLogs: at('pod-logs'),
    containerLogs: at('container-logs'),
    manifests: at('manifests'),
    host: at('host'),
  }
  await Promise.all([folders.root, folders.manifests, folders.host].map((folder) => mkdir(folder, { recursive: true })))
  await run('mount', '-t', 'tmpfs', '-o', `size=${rootSize},mode=755`, 'tmpfs', folders.root)
  return folders
}
