import assert from 'node:assert/strict'
import type { Pod, PodStatus } from '../../../src/model/kube.ts'
import type {
  ContainerState,
  ObservedContainer,
  ObservedObject,
  ObservedPod,
  ObservedSandbox,
} from '../../../src/model/observed.ts'
import { containerId, type ContainerId } from '../../../src/model/ids.ts'
import { allContainers, initContainers, isSidecar } from '../../../src/model/pod.ts'
import { previousContainerStatus } from '../../../src/status/container-status.ts'
import { withoutOutdated } from '../../../src/sync/vanished-instances.ts'
import { anObservedPod, exited, nowMs } from '../../builders/observed.ts'
import { RunLedger } from '../run-ledger.ts'

/** A tiny Docker with one Pod in it: what it holds, and what can happen to that by itself. */
export class PodRecords {
  pod: Pod
  nowMs = nowMs
  sandboxes: readonly ObservedSandbox[] = []
  containers: readonly ObservedContainer[] = []
  /** The Pod's last status. */
  status: PodStatus | undefined
  /** Containers that somebody started since then. */
  readonly startedByHand = new Set<string>()
  readonly ledger = new RunLedger()
  /** What has happened, line by line: for whoever reads a failure. */
  readonly diary: string[] = []
  #objects = 0

  constructor(pod: Pod) {
    this.pod = pod
  }

  /** What a pass sees of Docker. */
  observe(): ObservedPod {
    const sandboxes = this.sandboxes.toSorted(newestFirst)
    const containers = this.containers.toSorted(newestFirst)
    return withoutOutdated(anObservedPod({ sandboxes, containers }), this.status)
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
    this.note('>>> there is', `${object.id} ${object.attempt} ${object.state.phase}`)
    if (object.kind === 'sandbox') this.sandboxes = [...this.sandboxes, object]
    else this.containers = [...this.containers, object]
  }

  /** Everything that ran before the agent came counts. */
  learnHistory(): void {
    for (const container of this.observe().containers.toReversed()) {
      const { name, id, state } = container
      if (state.phase === 'created') continue
      this.ledger.started(this.pod, name, container)
      if (state.phase === 'exited') this.ledger.ended(this.pod, name, id, state.exitCode)
    }
    // Somebody has decided on another run already.
    for (const { name } of allContainers(this.pod)) {
      if (this.newest(name)?.state.phase === 'created') this.ledger.excuse(name)
    }
    // In which order those before it have started them is not this agent's doing.
    for (const { id } of this.sandboxes) this.ledger.inherit(id)
  }

  /** Ends what runs of init containers that are no sidecars; false where none does. */
  finishInitContainers(): boolean {
    const names = initContainers(this.pod)
      .filter((container) => !isSidecar(container))
      .map(({ name }) => name)
    const unfinished = this.containers.filter(({ name, state }) => names.includes(name) && state.phase === 'running')
    for (const container of unfinished) this.endContainer(container, 0)
    return unfinished.length > 0
  }

  endContainer(container: ObservedContainer, exitCode: number): void {
    this.note('>>> ends', `${container.id} with ${exitCode}`)
    this.set(container, exited({ exitCode, startedAtMs: this.nowMs, finishedAtMs: this.nowMs }))
    this.ledger.ended(this.pod, container.name, container.id, exitCode)
  }

  /** What somebody started is theirs: it is no end any more. */
  startByHand(container: ObservedContainer): void {
    this.note('>>> started by hand', container.id)
    this.startedByHand.add(container.name)
    this.ledger.excuse(container.name)
    this.ledger.started(this.pod, container.name, container)
    this.run(container)
  }

  endSandbox(sandbox: ObservedSandbox): void {
    this.note('>>> ends', sandbox.id)
    this.sandboxes = this.sandboxes.map((each) => (each === sandbox ? { ...each, state: exited(), ips: [] } : each))
  }

  removeRecord(object: ObservedObject): void {
    this.note('>>> removed', object.id)
    this.sandboxes = this.sandboxes.filter((each) => each !== object)
    this.containers = this.containers.filter((each) => each !== object)
    if (object.kind !== 'container') return
    const { name, id, state } = object
    if (state.phase === 'running') this.ledger.ended(this.pod, name, id, 137)
    if (this.containers.length === 0) this.ledger.emptied()
    if (state.phase !== 'created') this.ledger.lost(name, id, previousContainerStatus(this.status, name))
  }

  run(container: ObservedContainer): void {
    this.set(container, { phase: 'running', startedAtMs: this.nowMs, pid: 1 })
  }

  /** The newest instance of a container. */
  newest(name: string): ObservedContainer | undefined {
    return this.observe().containers.find((container) => container.name === name)
  }

  /** Throws where there is none. */
  sandbox(id: ContainerId): ObservedSandbox {
    const found = this.sandboxes.find((sandbox) => sandbox.id === id)
    assert.ok(found, `the sandbox ${id} exists`)
    return found
  }

  /** Throws where there is none. */
  container(id: ContainerId): ObservedContainer {
    const found = this.containers.find((container) => container.id === id)
    assert.ok(found, `the container ${id} exists`)
    return found
  }

  /** Writes into the diary. */
  note(what: string, about: string): void {
    this.diary.push(`${this.nowMs - nowMs} ms: ${what} ${about}`)
  }

  set(container: ObservedContainer, state: ContainerState): void {
    this.containers = this.containers.map((each) => (each === container ? { ...each, state } : each))
  }
}

function newestFirst(a: ObservedObject, b: ObservedObject): number {
  return b.attempt - a.attempt || b.createdAtMs - a.createdAtMs
}
