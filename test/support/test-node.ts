import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeEvent, Pod } from '../../src/model/kube.ts'
import { Agent } from './agent.ts'
import { docker, hack } from './command.ts'
import {
  dockerContainers,
  dockerContainersOf,
  removeDockerContainersOf,
  type DockerContainer,
} from './docker-objects.ts'
import { everyStep } from './every-step.ts'
import { Feed } from './feed.ts'
import { freePort } from './free-port.ts'
import { Kubectl, type Change, type Watch } from './kubectl.ts'
import { unmountAndRemove } from './mounts.ts'
import { removePodCgroups } from './pod-cgroups.ts'
import { dockerId, type PodManifest } from './test-pod.ts'
import { labels } from '../../src/model/labels.ts'

/**
 * A node that nobody else has, with a namespace of the same name and an agent that runs it, on the cluster and the Docker of
 * the tests. Tests share one by giving their Pods names of their own. What it made is removed with it.
 */
export class TestNode implements AsyncDisposable {
  readonly name: string
  /** Folder of the test; `root` in it is the agent's --root-dir. */
  readonly folder: string
  readonly kubectl: Kubectl
  /** The node's own kubeconfig. */
  readonly kubeconfig: string
  /** Of the agent's HTTPS API. */
  readonly port: number
  readonly #pods: Watch<Pod>
  readonly #events: Watch<KubeEvent>
  readonly #flags: readonly string[]
  #agent: Agent

  private constructor(
    made: Pick<TestNode, 'name' | 'folder' | 'kubectl' | 'kubeconfig' | 'port'>,
    flags: readonly string[],
  ) {
    this.name = made.name
    this.folder = made.folder
    this.kubectl = made.kubectl
    this.kubeconfig = made.kubeconfig
    this.port = made.port
    this.#flags = flags
    const path = `/api/v1/namespaces/${this.name}`
    this.#pods = this.kubectl.watch(`${path}/pods`)
    this.#events = this.kubectl.watch(`${path}/events`)
    this.#agent = this.#newAgent()
  }

  /** @param flags More flags for the agent, which beat the test's own. */
  static async start(...flags: readonly string[]): Promise<TestNode> {
    const name = `e2e-${randomBytes(4).toString('hex')}`
    const kubectl = await Kubectl.connect(name)
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
    try {
      const making = [hack('node-credentials.sh', name), freePort(), kubectl.makeNamespace()] as const
      await Promise.allSettled(making)
      const [kubeconfig, port] = await Promise.all(making)
      return new TestNode({ name, folder, kubectl, kubeconfig, port }, flags)
    } catch (error) {
      await everyStep(
        () => kubectl.run('delete', 'namespace', name, '--ignore-not-found', '--wait=false'),
        () => rm(folder, { recursive: true, force: true }),
      )
      throw error
    }
  }

  /** The agent that runs now, or that ran last. */
  get agent(): Agent {
    return this.#agent
  }

  get rootDir(): string {
    return join(this.folder, 'root')
  }

  /** Kubernetes Events of the namespace. */
  get events(): Feed<Change<KubeEvent>> {
    return this.#events.changes
  }

  get podChanges(): Feed<Change<Pod>> {
    return this.#pods.changes
  }

  /** A new agent in the place of one that has ended, with more flags. */
  restartAgent(...flags: readonly string[]): Agent {
    this.#agent = this.#newAgent(...flags)
    return this.#agent
  }

  /** Creates a Pod that is bound to this node. */
  async create(manifest: PodManifest): Promise<void> {
    await this.createAll([manifest])
  }

  /** Creates Pods that are bound to this node, one right after the other. */
  async createAll(manifests: readonly PodManifest[]): Promise<void> {
    const items = manifests.map(({ spec, ...manifest }) => ({ ...manifest, spec: { nodeName: this.name, ...spec } }))
    await this.kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items })
  }

  /** Creates a Pod and waits until `test` holds for it. */
  async createUntil(manifest: PodManifest, what: string, test: (pod: Pod) => boolean): Promise<Pod> {
    await this.create(manifest)
    return this.until(manifest.metadata.name, what, test)
  }

  /** Waits until a Pod, as it is then, passes `test`. */
  until(name: string, what: string, test: (pod: Pod) => boolean): Promise<Pod> {
    return this.podChanges.until(
      `Pod "${name}" ${what}`,
      (changes) => {
        const pod = latest(changes, name)
        return pod !== undefined && test(pod) ? pod : undefined
      },
      (changes) => latest(changes, name)?.status,
    )
  }

  /** Waits until the API server has no Pod of that name any more; it must have had one. Returns its last version. */
  async untilGone(name: string): Promise<Pod> {
    return this.podChanges.until(`Pod "${name}" gone`, (changes) => {
      const last = changes.findLast(({ object }) => object.metadata.name === name)
      return last?.type === 'DELETED' ? last.object : undefined
    })
  }

  /** The Pods that the API server has now. */
  pods(): readonly Pod[] {
    const newest = new Map(this.podChanges.items.map((change) => [change.object.metadata.uid, change]))
    return [...newest.values()].flatMap(({ type, object }) => (type === 'DELETED' ? [] : object))
  }

  /** All versions of a Pod that were seen, in order. */
  versions(name: string): readonly Pod[] {
    return this.podChanges.items.map(({ object }) => object).filter(({ metadata }) => metadata.name === name)
  }

  /** Waits for an event about a Pod; `text` is in its message. */
  async untilEvent(pod: string, reason: string, text = ''): Promise<KubeEvent> {
    const change = await this.events.first(
      `event ${reason} "${text}" of Pod "${pod}"`,
      ({ object }) =>
        object.involvedObject.name === pod && object.reason === reason && (object.message ?? '').includes(text),
    )
    return change.object
  }

  /** Docker's containers of one Pod, or of the whole node, the oldest first. */
  containers(pod?: Pod): Promise<readonly DockerContainer[]> {
    return pod === undefined
      ? dockerContainersOf(this.name)
      : dockerContainers(`${labels.node}=${this.name}`, `${labels.podUid}=${pod.metadata.uid}`)
  }

  /** What a command prints inside a running container. */
  exec(pod: Pod, container: string, ...command: readonly string[]): Promise<string> {
    return docker('exec', dockerId(pod, container), ...command)
  }

  /** What a container that has ended wrote to its stdout. */
  logs(pod: Pod, container: string): Promise<string> {
    return docker('logs', dockerId(pod, container))
  }

  /** Waits until a container has written `text`, and returns all that it wrote up to there. */
  async untilPrinted(pod: Pod, container: string, text: string): Promise<string> {
    const output = new Feed<string>(`Output of container "${container}"`)
    const child = spawn('docker', ['logs', '--follow', dockerId(pod, container)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    child.once('close', () => output.end(new Error('There is no more of it')))
    try {
      return await output.until(`"${text}"`, (chunks) => (chunks.join('').includes(text) ? chunks.join('') : undefined))
    } finally {
      child.kill()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await everyStep(
      () => this.#agent.kill(),
      () => this.#pods[Symbol.dispose](),
      () => this.#events[Symbol.dispose](),
      () =>
        Promise.all([
          removeDockerContainersOf(this.name),
          this.kubectl.run('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false'),
        ]),
      () => removePodCgroups(this.rootDir),
      () => this.kubectl.run('delete', 'namespace', this.name, '--wait=false'),
      () => this.kubectl.run('delete', 'node', this.name, '--ignore-not-found', '--wait=false'),
      () => unmountAndRemove(this.folder),
      () => rm(this.kubeconfig, { force: true }),
      // The script that made it keeps a lock beside it.
      () => rm(this.kubeconfig.replace(/kubeconfig$/u, 'lock'), { force: true }),
    )
  }

  #newAgent(...more: readonly string[]): Agent {
    return new Agent(
      `--kubeconfig=${this.kubeconfig}`,
      `--hostname-override=${this.name}`,
      `--root-dir=${this.rootDir}`,
      `--pod-logs-dir=${join(this.folder, 'pod-logs')}`,
      `--container-logs-dir=${join(this.folder, 'container-logs')}`,
      '--node-ip=127.0.0.1',
      '--healthz-port=0',
      `--port=${this.port}`,
      '--address=127.0.0.1',
      // So that the scheduler brings no Pods of other tests here.
      `--register-with-taints=e2e=${this.name}:NoSchedule`,
      // How full the disks of this machine are is nothing that tests depend on.
      '--eviction-hard=memory.available<50Mi',
      '--image-gc-high-threshold=100',
      ...this.#flags,
      ...more,
    )
  }
}

function latest(changes: readonly Change<Pod>[], name: string): Pod | undefined {
  const last = changes.findLast(({ object }) => object.metadata.name === name)
  return last?.type === 'DELETED' ? undefined : last?.object
}
