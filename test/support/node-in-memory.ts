import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ManifestChange } from '../../src/manifest/reconcile-manifests.ts'
import type { PressureCondition } from '../../src/model/eviction-threshold.ts'
import type { Pod, PodStatus } from '../../src/model/kube.ts'
import type { PodEvent } from '../../src/model/pod-event.ts'
import type { PodWorkers } from '../../src/sync/pod-workers.ts'
import type { PodRegistry } from '../../src/sync/registry/pod-registry.ts'
import type { StatusBoard } from '../../src/sync/reporting/status-board.ts'
import { nowMs } from '../builders/observed.ts'
import { FakeApiServer, type NewPod } from '../fakes/fake-api-server.ts'
import type { ClusterMethod, FakeCluster } from '../fakes/fake-cluster.ts'
import type { FakeCommand, FakeContainer, Program } from '../fakes/fake-container.ts'
import { FakeDocker } from '../fakes/fake-docker.ts'
import type { EngineMethod } from '../fakes/fake-engine.ts'
import type { FakeMounts } from '../fakes/fake-mounts.ts'
import type { AgentEngine } from './agent-engine.ts'
import { newLife, type Life } from './agent-life.ts'
import { CallGate } from './call-gate.ts'
import { nodeMounts, nodeObject, pauseImage, whatRuns, type NodeOptions } from './node-options.ts'
import { quiet } from './quiet.ts'
import { shortName, stateOf } from './short-names.ts'

/**
 * A node in memory: Docker and the API server are fakes, the disk is real, and what is between them is the agent, which
 * can be killed and started anew while they stay.
 */
export class NodeInMemory implements AsyncDisposable {
  readonly docker: FakeDocker
  readonly server = new FakeApiServer()
  readonly root: string
  /** The host's, which outlive every agent. */
  readonly mounts: FakeMounts
  /** Docker's events don't reach the agent; nor do they while `engineGate` refuses all. */
  losesEvents = false
  readonly engineGate = new CallGate<EngineMethod | 'events'>()
  readonly clusterGate = new CallGate<ClusterMethod>()
  readonly programs: Map<string, Program>
  readonly commands: Map<string, FakeCommand>
  /** What the agent logged, beside its events. */
  readonly logged: string[] = []
  readonly #test: Pick<TestContext, 'mock'>
  readonly #options: NodeOptions
  readonly #staticPods = new Map<string, Pod>()
  #events: PodEvent[] = []
  #calls: string[] = []
  #life: Life

  constructor(test: Pick<TestContext, 'mock'>, root: string, options: NodeOptions) {
    this.#test = test
    this.#options = options
    this.root = root
    this.mounts = nodeMounts(root, options, this)
    this.programs = new Map(Object.entries(options.programs ?? {}))
    this.commands = new Map(Object.entries(options.commands ?? {}))
    this.docker = options.docker ?? new FakeDocker(whatRuns(this.programs, this.commands, options))
    for (const image of [pauseImage, ...(options.images ?? ['busybox:1.36'])]) this.docker.addImage(image)
    this.server.createNode(nodeObject(this.nodeName, this.#options))
    this.#life = this.#newLife()
  }

  get nodeName(): string {
    return this.#options.nodeName ?? 'node-1'
  }

  get engine(): AgentEngine {
    return this.#life.engine
  }

  get cluster(): FakeCluster {
    return this.#life.cluster
  }

  get registry(): PodRegistry {
    return this.#life.agent.registry
  }

  get workers(): PodWorkers {
    return this.#life.agent.workers
  }

  get statuses(): StatusBoard {
    return this.#life.agent.statuses
  }

  /** From now on the node is short of these; a new agent does not know of any. */
  isShortOf(...pressures: readonly PressureCondition[]): void {
    this.#life.agent.pressures = pressures
  }

  get isDead(): boolean {
    return this.#life.agent.isDead
  }

  /** Starts the agent for the first time. */
  async start(): Promise<void> {
    await this.#life.agent.start()
    await this.settled()
  }

  /** `kill -9`, in the middle of whatever the agent is doing: from now on it has no effect on anything. */
  kill(): void {
    this.#life.agent.die()
  }

  /** Kills the agent if that has not been done, and starts another one over what is there. */
  async restart(): Promise<void> {
    await this.#bury()
    this.#life = this.#newLife()
    await this.start()
  }

  /** SIGTERM with `--cleanup-on-exit`: resolves when the agent has ended all its Pods, and is gone itself. */
  async cleanUp(): Promise<void> {
    await this.#life.agent.cleanUp()
  }

  /** Resolves when the agent has nothing left to do but to wait: for time to pass, or for what a test holds up. */
  async settled(): Promise<void> {
    await quiet()
  }

  /** Settles, and lets time pass in steps of `stepMs` that leave the agent time for what is due in between. */
  async advance(ms: number, stepMs = 1000): Promise<void> {
    await this.settled()
    for (let left = ms; left > 0; left -= stepMs) {
      this.#test.mock.timers.tick(Math.min(stepMs, left))
      await this.settled()
    }
  }

  /** Creates a Pod on this node, and settles. */
  async run(pod: Omit<NewPod, 'nodeName'>): Promise<Pod> {
    const created = this.server.createPod({ nodeName: this.nodeName, ...pod })
    await this.settled()
    return created
  }

  /** A user deletes a Pod, with the grace of its spec or another; settles. */
  async delete(name: string, graceSeconds?: number): Promise<void> {
    this.server.deletePodGracefully('default', name, graceSeconds)
    await this.settled()
  }

  /** The Pod's status in the API server. */
  status(name: string): PodStatus | undefined {
    return this.server.pod('default', name)?.status
  }

  /** Every status that the Pod has had in the API server, the first first. */
  statusesOf(name: string): readonly PodStatus[] {
    return this.server.watches.events.flatMap((event) =>
      event.kind === 'set' && event.object.metadata.name === name ? (event.object.status ?? []) : [],
    )
  }

  /** A manifest appears; settles. */
  async addStatic(pod: Pod): Promise<void> {
    this.#staticPods.set(pod.metadata.uid, pod)
    await this.tellManifest({ kind: 'set', pod, file: `/${pod.metadata.name}.yaml` })
  }

  /** A manifest goes; settles. */
  async removeStatic(pod: Pod): Promise<void> {
    this.forgetStatic(pod)
    await this.tellManifest({ kind: 'removed', pod, file: `/${pod.metadata.name}.yaml` })
  }

  /** The next agent does not find this manifest. */
  forgetStatic(pod: Pod): void {
    this.#staticPods.delete(pod.metadata.uid)
  }

  /** The folder of manifests has been read; settles. */
  async manifestsSynced(): Promise<void> {
    await this.tellManifest({ kind: 'synced', isComplete: true })
  }

  /** The folder of manifests has something to say; settles. */
  async tellManifest(change: ManifestChange): Promise<void> {
    this.#life.manifests.push(change)
    await this.settled()
  }

  /** A container by its short name, `main 0`; a sandbox is `sandbox 0`. Throws if Docker has none. */
  container(name: string): FakeContainer {
    const found = this.docker.containers.find((container) => shortName(container) === name)
    if (found !== undefined) return found
    throw new Error(`There is no "${name}" among ${this.docker.containers.map(shortName).join(', ')}`)
  }

  /** What is in Docker, by short name and state, in the order of creation: `main 0 running`. */
  get containers(): readonly string[] {
    return this.docker.containers.map((container) => `${shortName(container)} ${stateOf(container)}`)
  }

  /** A container ends by itself; settles. */
  async exit(name: string, exitCode: number): Promise<void> {
    this.docker.exit(this.container(name).id, { exitCode })
    await this.settled()
  }

  /** The calls to Docker since the last time that they were taken: `create main 0`, `stop main 0 30`. */
  takeCalls(): readonly string[] {
    const calls = this.#calls
    this.#calls = []
    return calls
  }

  /** What happened since the last time that it was taken. */
  takeEvents(): readonly PodEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** UIDs of the Pods that have a folder on the node. */
  async folders(): Promise<readonly string[]> {
    return readdir(join(this.root, 'pods')).catch(() => [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bury()
    await rm(this.root, { recursive: true, force: true })
  }

  async #bury(): Promise<void> {
    this.kill()
    await this.#life.agent.ended()
    await this.settled()
  }

  #newLife(): Life {
    return newLife({
      node: this,
      options: this.#options,
      staticPods: this.#staticPods.values(),
      onCall: (call) => this.#calls.push(call),
      onEvent: (event) => this.#events.push(event),
    })
  }
}

/** Starts a node. Its clock stands at the builders' `nowMs`; dispose of it to end it. One test has one at a time. */
export async function aNode(test: TestContext, options: NodeOptions = {}): Promise<NodeInMemory> {
  test.mock.timers.reset()
  if (options.clock !== 'real') test.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: nowMs })
  const node = new NodeInMemory(test, await mkdtemp(join(tmpdir(), 'minikubelet-node-')), options)
  await node.start()
  return node
}
