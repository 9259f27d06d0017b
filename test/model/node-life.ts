import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MockTracker } from 'node:test'
import type { ClusterCall } from '../fakes/fake-cluster.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { nowMs } from '../builders/observed.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import type { EngineCall } from '../fakes/fake-engine.ts'
import { NodeInMemory } from '../support/node-in-memory.ts'
import { StoppedClock } from '../support/stopped-clock.ts'
import { checkClusterCall, checkDockerCall } from './call-rules.ts'
import { changeImage, changeMap, debug, pick, removeRecord, resize, published, writeOver } from './changes.ts'
import { disturbWatch, removeFolder } from './disturbances.ts'
import { DockerLedger, endInitContainers, isSandbox } from './docker-ledger.ts'
import type { Happening, Step } from './happening.ts'
import { Behaviours, probed } from './behaviours.ts'
import { images, maps, specOf } from './pod-plan.ts'
import { StatusLedger } from './status-ledger.ts'

/** A crash loop grows to this at most, so that a life has not to wait for long. */
export const maxCrashLoopMs = 20_000

/** Far more calls to Docker and to the API server than any moment asks for. */
const mostCallsWithoutRest = 2000

/** The life of a node: lets things happen to it, and notes what must not be. */
export class NodeLife implements AsyncDisposable {
  readonly node: NodeInMemory
  readonly clock: StoppedClock
  readonly docker: DockerLedger
  readonly statuses: StatusLedger
  /** What has happened, and what the agent did, line by line: for whoever reads a failure. */
  readonly diary: string[] = []
  readonly #violations: string[] = []
  readonly #behaviours = new Behaviours()
  readonly #releases: (() => void)[] = []
  readonly #lostAnswers: string[] = []
  #deathAt: { calls: number; readonly moment: 'before' | 'after' } | undefined
  #pods = 0
  #callsWithoutRest = 0

  static async begin(mock: MockTracker): Promise<NodeLife> {
    const life = new NodeLife(mock, await mkdtemp(join(tmpdir(), 'minikubelet-model-')))
    await life.node.start()
    return life
  }

  private constructor(mock: MockTracker, root: string) {
    this.clock = new StoppedClock(mock, nowMs)
    // The jitter of the agent is not the model's business, but it must be the same when a life is led again.
    mock.method(Math, 'random', () => 0.5)
    this.node = new NodeInMemory({ mock }, root, {
      images: ['here:1', 'here:2'],
      program: (given) => this.#behaviours.program(given),
      command: ([kind], given) => this.#behaviours.command(kind, given),
      maxCrashLoopMs,
      // An agent that died in the middle of a pull leaves the image to those that can pull it; here everybody has it.
      imageVerification: { name: 'NeverVerify', allowlist: [] },
      onCall: (moment, call) => this.#onCall(moment, call),
      onClusterCall: (call) => {
        this.#countCall()
        this.#noteAsked(call)
        checkClusterCall(this.node, call, (message) => this.#violate(message))
      },
    })
    const violation = (message: string): void => this.#violate(message)
    this.docker = new DockerLedger({ docker: this.node.docker, pod: (uid) => this.statuses.pod(uid), violation })
    this.statuses = new StatusLedger({
      server: this.node.server,
      docker: this.docker,
      known: (uid) => this.node.registry.pods().find(({ metadata }) => metadata.uid === uid),
      behaviours: this.#behaviours,
      violation,
    })
    this.node.docker.publish('far:1')
    changeMap(this.node.server, { kind: 'put map', map: maps[0] })
  }

  /** Lets a step happen, gives the agent the time to do what it can, and throws if anything was not as it must be. */
  async take(step: Step): Promise<void> {
    for (const happening of step) {
      this.diary.push(`--- ${JSON.stringify(happening)}`)
      await this.#happen(happening)
    }
    // What follows comes later, if only by as much as a clock can tell.
    await this.pass(1)
  }

  async settle(): Promise<void> {
    await this.node.settled()
    this.#callsWithoutRest = 0
    for (const { kind, pod, atMs, fieldPath: _, ...rest } of this.node.takeEvents()) {
      this.diary.push(`    * ${atMs - nowMs} ${pod.name} ${kind} ${Object.values(rest).join(' ')}`)
    }
    this.#check()
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms, () => this.settle())
  }

  /** From now on nothing goes wrong any more: what was lost is there, what was slow is done, programs work. */
  async recover(): Promise<void> {
    const { node } = this
    this.diary.push('--- from now on nothing goes wrong')
    this.#hurry()
    this.#deathAt = undefined
    this.#lostAnswers.length = 0
    node.losesEvents = false
    node.engineGate.refuseAll(undefined)
    for (const image of images) {
      node.docker.publish(image)
      if (node.docker.findImage(image) === undefined) node.docker.addImage(image)
    }
    for (const map of maps) changeMap(node.server, { kind: 'put map', map })
    this.#behaviours.becomeGood()
    await this.settle()
    if (node.isDead) await this.#startAgent()
    node.docker.reconnect()
    await this.settle()
  }

  /** Containers whose purpose is to end do so: what runs of init containers that are no sidecars. */
  finishInitContainers(): boolean {
    return endInitContainers(this.node.docker)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hurry()
    await this.node[Symbol.asyncDispose]()
    this.clock[Symbol.dispose]()
  }

  #violate(message: string): void {
    this.diary.push(`!!! ${message}`)
    this.#violations.push(message)
  }

  #check(): void {
    if (this.#violations.length > 0) throw new Error(this.#violations.join('\n'))
  }

  #onCall(moment: 'before' | 'after', call: EngineCall): void {
    if (moment === 'before') {
      this.#countCall()
      this.diary.push(`    ${call.method} ${this.#describe(call.subject)}`)
      checkDockerCall(this.node, call, this.#behaviours, (message) => this.#violate(message))
    }
    if (this.#deathAt?.moment === moment && this.#deathAt.calls-- <= 0) {
      this.#deathAt = undefined
      this.diary.push('    the agent is killed')
      this.node.kill()
    }
    const lost = this.#lostAnswers.indexOf(call.method)
    if (moment === 'before' || lost === -1) return
    this.#lostAnswers.splice(lost, 1)
    throw new KubeletError('unavailable', 'The answer was lost')
  }

  /** What the agent knows of a Pod counts at the moment when it asks for a new status, not when that arrives. */
  #noteAsked({ method, subject }: ClusterCall): void {
    if (method !== 'patchPodStatus') return
    const [namespace = '', name = ''] = subject.split('/')
    const uid = this.node.server.pod(namespace, name)?.metadata.uid
    if (uid !== undefined) this.statuses.asked(uid)
  }

  /** An agent that never comes to rest is killed, or this test would not come to rest either. */
  #countCall(): void {
    this.#callsWithoutRest += 1
    if (this.#callsWithoutRest !== mostCallsWithoutRest) return
    this.#violate('The agent goes round in circles')
    this.node.kill()
  }

  #describe(subject: string): string {
    const [id = '', ...rest] = subject.split(' ')
    const [, container, pod, , , attempt] = (this.node.docker.find(id)?.request.name ?? id).split('_')
    return [container === undefined ? id : `${container} ${attempt} of ${pod}`, ...rest].join(' ')
  }

  async #happen(happening: Happening): Promise<void> {
    const { node } = this
    const { docker, server } = node
    switch (happening.kind) {
      case 'create a Pod': {
        this.#pods += 1
        const pod = server.createPod({ name: `p${this.#pods}`, nodeName: node.nodeName, spec: specOf(happening.plan) })
        this.#behaviours.add(pod.metadata.uid, happening.plan)
        return
      }
      case 'exit':
        return pick(
          this.#running().filter((container) => !isSandbox(container)),
          happening.nth,
          ({ id }) => docker.exit(id, { exitCode: happening.code, oomKilled: happening.oom === true }),
        )
      case 'flip probe': {
        const { probe } = happening
        const all = server.pods.flatMap((pod) => probed(pod, probe).map((name) => ({ uid: pod.metadata.uid, name })))
        return pick(all, happening.nth, ({ uid, name }) => this.#behaviours.flip(uid, name, probe))
      }
      case 'delete':
        return pick(server.pods, happening.nth, ({ metadata }) =>
          server.deletePodGracefully(metadata.namespace, metadata.name, happening.grace),
        )
      case 'change image':
        return changeImage(server, happening)
      case 'resize':
        return resize(server, happening)
      case 'debug':
        return pick(server.pods, happening.nth, (pod) => debug(server, this.#behaviours, pod, happening.does))
      case 'write over':
        return writeOver(server, happening, (write) => this.statuses.byOthers(write))
      case 'kill agent':
        return node.kill()
      case 'kill agent at call':
        this.#deathAt = { calls: happening.nth, moment: happening.moment }
        return
      case 'start agent':
        await this.settle()
        if (node.isDead) await this.#startAgent()
        return
      case 'restart Docker': {
        const heard = node.losesEvents
        node.losesEvents = true
        for (const { id } of this.#running()) docker.exit(id, { exitCode: 137 })
        await this.settle()
        node.losesEvents = heard
        docker.reconnect()
        return
      }
      case 'lose Docker':
        return node.engineGate.refuseAll(new KubeletError('unavailable', 'Docker is away'))
      case 'find Docker':
        node.engineGate.refuseAll(undefined)
        return docker.reconnect()
      case 'kill sandbox':
        return pick(this.#running().filter(isSandbox), happening.nth, ({ id }) => docker.exit(id, { exitCode: 137 }))
      case 'remove record':
        return pick(docker.containers, happening.nth, (container) => removeRecord(node, this.docker, container))
      case 'lose events':
        node.losesEvents = true
        return
      case 'hear events':
        node.losesEvents = false
        return docker.reconnect()
      case 'fail in Docker':
        return node.engine.failNext(happening.call, new KubeletError(happening.code, 'No luck'))
      case 'lose answer':
        return void this.#lostAnswers.push(happening.call)
      case 'slow Docker':
        return void this.#releases.push(node.engineGate.hold(happening.call))
      case 'fail in server':
        return node.cluster.failNext(happening.call, new KubeletError(happening.code, 'No luck'))
      case 'slow server':
        return void this.#releases.push(node.clusterGate.hold(happening.call))
      case 'hurry':
        return this.#hurry()
      case 'end watch':
      case 'tell again':
        return disturbWatch(server, happening)
      case 'remove folder':
        return removeFolder(node, happening.nth)
      case 'remove image':
        return docker.removeImage(happening.image)
      case 'publish':
        return docker.publish(happening.image, published[happening.as](happening.image))
      case 'put map':
      case 'delete map':
        return changeMap(server, happening)
      case 'wait':
        return this.pass(happening.ms)
      default:
        happening satisfies never
    }
  }

  #running(): readonly FakeContainer[] {
    return this.node.docker.containers.filter(({ running }) => running)
  }

  #hurry(): void {
    for (const release of this.#releases.splice(0)) release()
  }

  async #startAgent(): Promise<void> {
    // It does not come up before Docker has answered.
    this.#hurry()
    try {
      await this.node.restart()
    } catch (error) {
      // Docker is away, or it was killed once more: it has not come up.
      if (!KubeletError.is(error, 'aborted', 'unavailable')) throw error
      this.node.kill()
    }
  }
}
