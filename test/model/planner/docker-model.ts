import assert from 'node:assert/strict'
import type { PodAction } from '../../../src/model/action.ts'
import { containerHash } from '../../../src/model/container-hash.ts'
import type { ContainerId } from '../../../src/model/ids.ts'
import type { ContainerSpec, Pod, PodStatus } from '../../../src/model/kube.ts'
import type { ContainerState, ObservedContainer, ObservedObject } from '../../../src/model/observed.ts'
import { policyRestarts } from '../../../src/model/restart-policy.ts'
import { crashLoopLimits, nextBackOff } from '../../../src/plan/back-off.ts'
import type { ImageFact, PodFacts } from '../../../src/plan/pod-facts.ts'
import { PodMemory } from '../../../src/sync/pod-memory.ts'
import { busyboxId } from '../../builders/facts.ts'
import { anObservedContainer, anObservedSandbox, created, exited } from '../../builders/observed.ts'
import { initContainers, isSidecar } from '../../../src/model/pod.ts'
import type { Choices } from './choices.ts'
import { PodRecords } from './pod-records.ts'

type Action<Kind extends PodAction['kind']> = Extract<PodAction, { kind: Kind }>

const retryAfterMs = 10_000

/**
 * A tiny Docker and an agent's memory of the Pod in it. It does what a plan says, but for some steps
 * that fail at random while `mishaps` are left, and it refuses what must never happen.
 */
export class DockerModel extends PodRecords {
  readonly #choices: Choices
  /** How many more times something may go wrong. */
  mishaps: number
  hasVolumes = true
  volumesTornDown = false
  #memory = new PodMemory(undefined)

  constructor(pod: Pod, choices: Choices, mishaps: number) {
    super(pod)
    this.#choices = choices
    this.mishaps = mishaps
  }

  facts(): PodFacts {
    const observed = this.observe()
    this.#memory.takeEndedKills(observed)
    this.#memory.forgetGone(observed)
    return this.#memory.facts(this.nowMs, observed)
  }

  /** The agent tells the Pod's status. */
  tell(status: PodStatus): void {
    this.status = status
    this.#memory.status = status
    this.startedByHand.clear()
  }

  /** Whether a container has ended in a way after which its policy leaves it alone. */
  isFinished(container: ContainerSpec): boolean {
    const newest = this.newest(container.name)
    const exitCode = this.#lastExitCode(container.name)
    if (exitCode === undefined || (newest !== undefined && this.#memory.killedForRestart.has(newest.id))) return false
    return !policyRestarts(this.pod, container, exitCode)
  }

  /** Nothing will run any more: every regular container has ended for good, or an init container has failed for good. */
  get isOver(): boolean {
    const hasFailed = initContainers(this.pod).some((container) => {
      const exitCode = isSidecar(container) ? undefined : this.#lastExitCode(container.name)
      return exitCode !== undefined && exitCode !== 0 && !policyRestarts(this.pod, container, exitCode)
    })
    return hasFailed || this.pod.spec.containers.every((container) => this.isFinished(container))
  }

  /** Something is under way in the background. */
  get isBusy(): boolean {
    const { images, kills } = this.#memory
    const isStopping = [...kills.values()].some(({ step }) => step.kind === 'stopping')
    return isStopping || [...images.values()].some(({ kind }) => kind === 'pulling')
  }

  /** The end of whatever was under way in the background. */
  finishWorks(): void {
    const { images, kills } = this.#memory
    for (const [name, image] of images) if (image.kind === 'pulling') images.set(name, this.#pulled())
    for (const [id, { step }] of kills) {
      const container = this.containers.find((each) => each.id === id)
      const isStopping = step.kind === 'stopping' && container?.state.phase === 'running'
      if (isStopping) this.endContainer(container, this.#choices.chance(0.5) ? 137 : 0)
    }
  }

  /** Another agent takes over: all that it knows is the status. */
  forgetEverything(): void {
    this.note('>>> another agent takes over', '')
    this.#memory = new PodMemory(this.status)
  }

  /** A container gets another image. */
  redefine(name: string, image: string): void {
    this.note('>>> another image', name)
    const before = this.pod
    const containers = before.spec.containers.map((each) => (each.name === name ? { ...each, image } : each))
    this.pod = { ...before, spec: { ...before.spec, containers } }
    this.#memory.learnSpec(this.pod, before)
  }

  apply(action: PodAction): void {
    this.note(action.kind, 'id' in action ? action.id : 'container' in action ? action.container.name : '')
    switch (action.kind) {
      case 'prepare-volumes':
        assert.ok(!this.volumesTornDown, 'a Pod whose volumes are gone is over')
        this.#memory.volumes = this.#fails()
          ? { kind: 'failed', message: 'no', retryAtMs: this.nowMs + retryAfterMs, objectChanges: 0 }
          : { kind: 'ready', refresh: undefined }
        return
      case 'ensure-image':
        this.#memory.images.set(
          action.container.name,
          this.#choices.chance(0.5) ? { kind: 'pulling', after: undefined } : this.#pulled(),
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
        return this.endSandbox(this.sandbox(action.id))
      case 'remove-container':
        return this.#remove(this.container(action.id))
      case 'remove-sandbox':
        return this.#remove(this.sandbox(action.id))
      case 'tear-down-volumes':
        assert.ok(!this.containers.some(({ state }) => state.phase === 'running'))
        this.#memory.volumes = { kind: 'unprepared' }
        this.#memory.volumesTornDown = true
        this.volumesTornDown = true
        return
      case 'remove-volumes':
        this.hasVolumes = false
        return
      case 'resize':
      case 'ensure-volume-image':
        throw new Error('nothing asks for anything here')
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
    const sandbox = this.sandbox(id)
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
    const isLost = this.sandbox(sandboxId).state.phase === 'exited'
    if (isLost || this.#fails()) return this.#failStart(container, 'CreateContainerError')
    const hash = containerHash(container)
    const id = this.newId(name)
    this.add(anObservedContainer({ id, name, attempt, sandboxId, hash, state: created, createdAtMs: this.nowMs }))
  }

  #startContainer({ container, id }: Action<'start-container'>): void {
    const { name } = container
    const instance = this.container(id)
    assert.ok(this.isAlive(instance.sandboxId), 'a container is started in a running sandbox')
    const running = this.containers.filter((each) => each.name === name && each.state.phase === 'running')
    assert.deepEqual(running, [], 'one instance of a container runs at a time')
    assert.equal(instance.hash, containerHash(container), 'a container is started as the spec has it now')
    if (this.#fails()) {
      this.#failStart(container, 'RunContainerError', id)
      const { createdAtMs } = instance
      this.set(
        instance,
        exited({ exitCode: 127, cannotRun: true, startedAtMs: createdAtMs, finishedAtMs: createdAtMs }),
      )
      return
    }
    this.#memory.startFailures.delete(name)
    assert.deepEqual(this.ledger.started(this.pod, name, instance), [], name)
    this.run(instance)
  }

  #kill({ id, containerName, thenRestart, graceSeconds, message, reason, step }: Action<'kill-container'>): void {
    const container = this.container(id)
    assert.equal(container.state.phase, 'running', 'only what runs is killed')
    const before = this.#memory.kills.get(id)
    // Somebody has started an older one by hand: how it ends is not how its container has ended.
    if (this.newest(containerName) !== container) this.ledger.excuse(containerName)
    if (thenRestart) this.#memory.killedForRestart.add(id)
    const order = { graceSeconds, message, thenRestart, reason }
    const kill = { containerName, sinceMs: before?.sinceMs ?? this.nowMs, order }
    if (step.kind !== 'stop') {
      assert.equal(before, undefined, 'an end begins once')
      this.#memory.kills.set(id, { ...kill, step: { kind: 'awaiting-turn' } })
      return
    }
    const killAtMs = this.nowMs + step.graceSeconds * 1000
    const isSooner = before?.step.kind !== 'stopping' || killAtMs < before.step.killAtMs
    assert.ok(isSooner, 'a container is stopped once, and once more only for a shorter grace')
    this.#checkTurn(container, this.nowMs - kill.sinceMs >= graceSeconds * 1000)
    if (this.#choices.chance(0.5)) return this.endContainer(container, this.#choices.chance(0.5) ? 137 : 0)
    this.#memory.kills.set(id, { ...kill, step: { kind: 'stopping', killAtMs } })
  }

  /** A sidecar is stopped after the regular containers and after the sidecars behind it, unless it is only replaced. */
  #checkTurn(container: ObservedContainer, isGraceUsedUp: boolean): void {
    const { name, hash } = container
    const sidecars = initContainers(this.pod).filter(isSidecar)
    const place = sidecars.findIndex((sidecar) => sidecar.name === name)
    const sidecar = sidecars[place]
    const isReplaced = sidecar === undefined || containerHash(sidecar) !== hash || this.newest(name) !== container
    if (isReplaced || isGraceUsedUp) return
    const served = [...this.pod.spec.containers, ...sidecars.slice(place + 1)].map((each) => each.name)
    const left = this.containers.filter((each) => each.state.phase === 'running' && served.includes(each.name))
    assert.deepEqual(
      left.map((each) => each.name),
      [],
      `${name} is stopped before those that it serves`,
    )
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
    if (this.mishaps === 0 || !this.#choices.chance(0.3)) return false
    this.mishaps -= 1
    return true
  }

  /** What a container ended with; `undefined` while it runs, or is to be started. */
  #lastExitCode(name: string): number | undefined {
    const newest = this.newest(name)
    return newest === undefined ? this.facts().vanished.get(name)?.exitCode : exitCodeOf(newest)
  }
}

function exitCodeOf({ state }: ObservedContainer): number | undefined {
  return state.phase === 'exited' ? state.exitCode : undefined
}
