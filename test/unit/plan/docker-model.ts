import assert from 'node:assert/strict'
import type { PodAction } from '../../../src/model/action.ts'
import { containerHash } from '../../../src/model/container-hash.ts'
import { containerId, type ContainerId } from '../../../src/model/ids.ts'
import type { ContainerSpec, Pod, PodStatus } from '../../../src/model/kube.ts'
import type {
  ContainerState,
  ObservedContainer,
  ObservedObject,
  ObservedPod,
  ObservedSandbox,
} from '../../../src/model/observed.ts'
import { policyRestarts } from '../../../src/model/restart-policy.ts'
import { crashLoopLimits, nextBackOff } from '../../../src/plan/back-off.ts'
import type { ImageFact, PodFacts } from '../../../src/plan/pod-facts.ts'
import { PodMemory } from '../../../src/sync/pod-memory.ts'
import { busyboxId } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox, created, exited } from '../../builders/observed.ts'
import type { Random } from '../../builders/random.ts'

type Action<Kind extends PodAction['kind']> = Extract<PodAction, { kind: Kind }>

const retryAfterMs = 10_000

/**
 * A tiny Docker with one Pod in it, and an agent's memory of the Pod. It does what a plan says, but for some steps
 * that fail at random while `mishaps` are left, and it refuses what must never happen.
 */
export class DockerModel {
  readonly #random: Random
  pod: Pod
  nowMs = 1_000_000
  /** How many more times something may go wrong. */
  mishaps: number
  sandboxes: readonly ObservedSandbox[] = []
  containers: readonly ObservedContainer[] = []
  hasVolumes = true
  /** Containers that somebody started since the last status. */
  readonly startedByHand = new Set<string>()
  /** Names of containers that have ended for good: they must not run again. */
  readonly #finished = new Set<string>()
  #memory = new PodMemory(undefined)

  #objects = 0

  constructor(pod: Pod, random: Random, mishaps: number) {
    this.pod = pod
    this.#random = random
    this.mishaps = mishaps
  }

  /** What a pass sees of Docker. */
  observe(): ObservedPod {
    const sandboxes = this.sandboxes.toSorted(newestFirst)
    const containers = this.containers.toSorted(newestFirst)
    return anObservedPod({ sandboxes, containers })
  }

  facts(): PodFacts {
    const observed = this.observe()
    this.#memory.takeEndedKills(observed)
    this.#memory.forgetGone(observed)
    return this.#memory.facts(this.nowMs, observed)
  }

  /** The Pod's last status. */
  get status(): PodStatus | undefined {
    return this.#memory.status
  }

  tell(status: PodStatus): void {
    this.#memory.status = status
    this.startedByHand.clear()
  }

  /** An id that nothing had before. */
  newId(name: string): ContainerId {
    this.#objects += 1
    return containerId(`${name}-${this.#objects}`)
  }

  /** Whether a sandbox runs: Docker starts nothing that joins one that does not. */
  isAlive(sandboxId: ContainerId): boolean {
    return this.sandboxes.some(({ id, state }) => id === sandboxId && state.phase === 'running')
  }

  /** Puts a record into Docker. */
  add(object: ObservedObject): void {
    if (object.kind === 'sandbox') this.sandboxes = [...this.sandboxes, object]
    else this.containers = [...this.containers, object]
  }

  /** Whether a container has ended in a way after which its policy leaves it alone. */
  isFinished(name: string): boolean {
    return this.#finished.has(name)
  }

  /** Everything that ended before the agent came counts. */
  learnHistory(): void {
    for (const { name } of this.pod.spec.containers) this.#judge(name)
  }

  /** The end of whatever was under way in the background. */
  finishWorks(): void {
    const { images, kills } = this.#memory
    for (const [name, image] of images) if (image.kind === 'pulling') images.set(name, this.#pulled())
    for (const id of kills.keys()) {
      const container = this.containers.find((each) => each.id === id)
      if (container?.state.phase === 'running') this.endContainer(container, this.#random.chance(0.5) ? 0 : 137)
    }
  }

  /** Another agent takes over: all that it knows is the status. */
  forgetEverything(): void {
    this.#memory = new PodMemory(this.#memory.status)
    for (const { name } of this.pod.spec.containers) this.#judge(name)
  }

  /** A container gets another image. */
  redefine(name: string, image: string): void {
    const before = this.pod
    const containers = before.spec.containers.map((each) => (each.name === name ? { ...each, image } : each))
    this.pod = { ...before, spec: { ...before.spec, containers } }
    this.#memory.learnSpec(this.pod, before)
  }

  endContainer(container: ObservedContainer, exitCode: number): void {
    this.#set(container, exited({ exitCode, startedAtMs: this.nowMs, finishedAtMs: this.nowMs }))
    this.#judge(container.name)
  }

  /** What somebody started is theirs: it is no end any more. */
  startByHand(container: ObservedContainer): void {
    this.startedByHand.add(container.name)
    this.#run(container)
  }

  endSandbox(sandbox: ObservedSandbox): void {
    this.sandboxes = this.sandboxes.map((each) => (each === sandbox ? { ...each, state: exited(), ips: [] } : each))
  }

  removeRecord(object: ObservedObject): void {
    this.sandboxes = this.sandboxes.filter((each) => each !== object)
    this.containers = this.containers.filter((each) => each !== object)
    if (object.kind === 'container') this.#judge(object.name)
  }

  apply(action: PodAction): void {
    switch (action.kind) {
      case 'prepare-volumes':
        this.#memory.volumes = this.#fails()
          ? { kind: 'failed', message: 'no', retryAtMs: this.nowMs + retryAfterMs }
          : { kind: 'ready' }
        return
      case 'ensure-image':
        this.#memory.images.set(
          action.container.name,
          this.#random.chance(0.5) ? { kind: 'pulling', after: undefined } : this.#pulled(),
        )
        return
      case 'create-sandbox':
        return this.#createSandbox(action)
      case 'start-sandbox':
        return this.#startSandbox(action)
      case 'create-container':
        return this.#createContainer(action)
      case 'start-container':
        return this.#startContainer(action)
      case 'kill-container':
        return this.#kill(action)
      case 'stop-sandbox':
        return this.endSandbox(this.#sandbox(action.id))
      case 'remove-container':
        return this.#remove(this.#container(action.id))
      case 'remove-sandbox':
        return this.#remove(this.#sandbox(action.id))
      case 'remove-volumes':
        this.hasVolumes = false
        return
      case 'wait':
        assert.ok(action.untilMs === undefined || action.untilMs > this.nowMs, 'a wait is for the future')
        return
      default:
        action satisfies never
    }
  }

  #createSandbox({ attempt }: Action<'create-sandbox'>): void {
    assert.ok(!this.sandboxes.some((sandbox) => sandbox.attempt === attempt), 'the name of a new sandbox is free')
    assert.ok(!this.sandboxes.some(({ state }) => state.phase === 'running'), 'no other sandbox runs')
    if (this.#fails()) {
      this.#memory.sandboxFailure = {
        reason: 'CreatePodSandboxError',
        message: '',
        retryAtMs: this.nowMs + retryAfterMs,
      }
      return
    }
    const hostNetwork = this.pod.spec.hostNetwork === true
    const id = this.newId('sandbox')
    this.add(anObservedSandbox({ id, attempt, state: created, ips: [], hostNetwork, createdAtMs: this.nowMs }))
  }

  #startSandbox({ id }: Action<'start-sandbox'>): void {
    const sandbox = this.#sandbox(id)
    const running: ContainerState = { phase: 'running', startedAtMs: this.nowMs, pid: 1 }
    const ips = sandbox.hostNetwork ? [] : ['10.1.0.5']
    const state = this.#fails() ? exited({ exitCode: 128, cannotRun: true }) : running
    this.sandboxes = this.sandboxes.map((each) => (each === sandbox ? { ...each, state, ips } : each))
  }

  #createContainer({ container, sandboxId, attempt }: Action<'create-container'>): void {
    const { name } = container
    const known = this.containers.filter((each) => each.name === name)
    assert.ok(!known.some((each) => each.attempt === attempt), 'the name of a new container is free')
    const told = this.facts().vanished.get(name)?.attempt ?? -1
    assert.ok(attempt > told, 'the restart count goes on')
    assert.equal(this.#memory.volumes.kind, 'ready', 'the volumes of a new container are there')
    assert.equal(this.#memory.images.get(name)?.kind, 'ready', 'the image of a new container is there')
    this.#noteRestart(name)
    this.#memory.images.delete(name)
    // A sandbox that could not be started beside this: Docker has nothing to join.
    const isLost = this.#sandbox(sandboxId).state.phase === 'exited'
    if (isLost || this.#fails()) return this.#failStart(container, 'CreateContainerError')
    const hash = containerHash(container)
    const id = this.newId(name)
    this.add(anObservedContainer({ id, name, attempt, sandboxId, hash, state: created, createdAtMs: this.nowMs }))
  }

  #startContainer({ container, id }: Action<'start-container'>): void {
    const { name } = container
    const instance = this.#container(id)
    assert.ok(this.isAlive(instance.sandboxId), 'a container is started in a running sandbox')
    assert.ok(!this.#finished.has(name), 'a container that has ended for good is not run again')
    const running = this.containers.filter((each) => each.name === name && each.state.phase === 'running')
    assert.deepEqual(running, [], 'one instance of a container runs at a time')
    assert.equal(instance.hash, containerHash(container), 'a container is started as the spec has it now')
    if (this.#fails()) {
      this.#failStart(container, 'RunContainerError', id)
      const { createdAtMs } = instance
      this.#set(
        instance,
        exited({ exitCode: 127, cannotRun: true, startedAtMs: createdAtMs, finishedAtMs: createdAtMs }),
      )
      this.#judge(name)
      return
    }
    this.#memory.startFailures.delete(name)
    this.#run(instance)
  }

  #run(container: ObservedContainer): void {
    this.#set(container, { phase: 'running', startedAtMs: this.nowMs, pid: 1 })
    this.#judge(container.name)
  }

  #kill({ id, containerName, thenRestart, graceSeconds, message, reason, step }: Action<'kill-container'>): void {
    const container = this.#container(id)
    assert.equal(container.state.phase, 'running', 'only what runs is killed')
    assert.equal(step.kind, 'stop', 'nothing here has hooks or a turn')
    assert.ok(!this.#memory.kills.has(id), 'a container is stopped once')
    if (thenRestart) this.#memory.killedForRestart.add(id)
    if (this.#random.chance(0.5)) return this.endContainer(container, this.#random.chance(0.5) ? 0 : 137)
    const order = { graceSeconds, message, thenRestart, reason }
    const killAtMs = this.nowMs + graceSeconds * 1000
    this.#memory.kills.set(id, { containerName, sinceMs: this.nowMs, order, step: { kind: 'stopping', killAtMs } })
  }

  #remove(object: ObservedObject): void {
    const isOver = this.pod.metadata.deletionTimestamp !== undefined
    assert.ok(isOver || object.state.phase !== 'running', 'nothing that runs is removed while the Pod lives')
    this.removeRecord(object)
  }

  /** The agent's bookkeeping of crash loops. */
  #noteRestart(name: string): void {
    const ended = this.observe().containers.find((container) => container.name === name)
    if (ended?.state.phase !== 'exited' || this.#memory.killedForRestart.has(ended.id)) return
    const { finishedAtMs } = ended.state
    this.#memory.backOffs.set(
      name,
      nextBackOff(this.#memory.backOffs.get(name), finishedAtMs, this.nowMs, crashLoopLimits),
    )
  }

  #failStart({ name }: ContainerSpec, reason: string, instanceId?: ContainerId): void {
    const of = instanceId === undefined ? {} : { instanceId }
    this.#memory.startFailures.set(name, { reason, message: '', retryAtMs: this.nowMs + retryAfterMs, ...of })
  }

  #pulled(): ImageFact {
    if (!this.#fails()) return { kind: 'ready', id: busyboxId }
    const retryAtMs = this.nowMs + retryAfterMs
    return { kind: 'failed', reason: 'ErrImagePull', message: '', failedAtMs: this.nowMs, retryAtMs, backOff: true }
  }

  #fails(): boolean {
    if (this.mishaps === 0 || !this.#random.chance(0.3)) return false
    this.mishaps -= 1
    return true
  }

  /** Decides anew whether a container has ended for good: by its newest instance, or what was told of it. */
  #judge(name: string): void {
    const spec = this.pod.spec.containers.find((container) => container.name === name)
    const newest = this.containers.filter((container) => container.name === name).toSorted(newestFirst)[0]
    const exitCode = newest === undefined ? this.facts().vanished.get(name)?.exitCode : exitCodeOf(newest)
    const isEnd = exitCode !== undefined && (newest === undefined || !this.#memory.killedForRestart.has(newest.id))
    if (isEnd && spec !== undefined && !policyRestarts(this.pod, spec, exitCode)) this.#finished.add(name)
    else this.#finished.delete(name)
  }

  #set(container: ObservedContainer, state: ContainerState): void {
    this.containers = this.containers.map((each) => (each === container ? { ...each, state } : each))
  }

  #sandbox(id: ContainerId): ObservedSandbox {
    const found = this.sandboxes.find((sandbox) => sandbox.id === id)
    assert.ok(found, `the sandbox ${id} exists`)
    return found
  }

  #container(id: ContainerId): ObservedContainer {
    const found = this.containers.find((container) => container.id === id)
    assert.ok(found, `the container ${id} exists`)
    return found
  }
}

function newestFirst(a: ObservedObject, b: ObservedObject): number {
  return b.attempt - a.attempt || b.createdAtMs - a.createdAtMs
}

function exitCodeOf({ state }: ObservedContainer): number | undefined {
  return state.phase === 'exited' ? state.exitCode : undefined
}
