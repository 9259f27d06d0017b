import { containerHash } from '../../src/model/container-hash.ts'
import type { ContainerSpec, ContainerStatus, Pod } from '../../src/model/kube.ts'
import { sandboxContainerName } from '../../src/model/labels.ts'
import { allContainers, ephemeralContainers, initContainers, isSidecar, restartPolicy } from '../../src/model/pod.ts'
import { policyRestarts, policyRestartsAll } from '../../src/model/restart-policy.ts'

/** One run of a container: from a start to an end. */
export interface Run {
  readonly id: string
  readonly sandboxId: string
  readonly attempt: number
  readonly hash: string
}

export interface PastRun extends Run {
  /** `undefined` while it runs. */
  readonly exitCode: number | undefined
  /** When it ended the Pod asked for another image than its own: it may have been killed to be replaced. */
  readonly isOutdated: boolean
}

/**
 * What has run of a Pod, whatever Docker still knows of it, and what must be true of every start: one instance at a time,
 * one sandbox at a time, init containers in order and before the others, nothing again that is not to be started again.
 */
export class RunLedger {
  readonly #runs = new Map<string, readonly PastRun[]>()
  readonly #excused = new Set<string>()
  readonly #inherited = new Set<string>()
  /** One has ended in a way that restarts all. */
  #isRestartingAll = false
  /** How often all were restarted: what ran in a sandbox before that counts no more. */
  #round = 0

  /** Every run of a container, in order. */
  runs(name: string): readonly PastRun[] {
    return this.#runs.get(name) ?? []
  }

  /** The run with this id, as a status names it: `docker://<id>`. */
  find(name: string, containerID: string): PastRun | undefined {
    return this.runs(name).findLast(({ id }) => `docker://${id}` === containerID)
  }

  /** Somebody removes the record of a run: what only that told of may be taken for something that never was. */
  lost(name: string, id: string, told: ContainerStatus | undefined): void {
    const known = [told?.containerID, told?.lastState?.terminated?.containerID]
    const isTold = known.includes(`docker://${id}`) && told?.state?.waiting === undefined
    // In which sandbox an init container has succeeded no status tells.
    if (!isTold || told?.ready === true) this.excuse(name)
  }

  /** The next start of this container is somebody else's doing. */
  excuse(name: string): void {
    this.#excused.add(name)
  }

  /** In which order containers have been started in this sandbox is not known. */
  inherit(sandboxId: string): void {
    this.#inherited.add(sandboxId)
  }

  /** Docker holds no container of the Pod any more, be it for a restart of all. */
  emptied(): void {
    if (this.#isRestartingAll) this.#round += 1
    this.#isRestartingAll = false
  }

  /** Notes a start, and returns what is wrong with it. */
  started(pod: Pod, name: string, given: Run): readonly string[] {
    const run = { ...given, sandboxId: `${given.sandboxId} ${this.#round}` }
    const isAnother = this.runs(name).some(({ exitCode }) => exitCode === undefined)
    const faults = [
      ...(isAnother ? ['was started while another one runs'] : []),
      ...(name === sandboxContainerName ? [] : this.#faultsOfStart(pod, name, run)),
    ]
    this.#excused.delete(name)
    this.#runs.set(name, [...this.runs(name), { ...run, exitCode: undefined, isOutdated: false }])
    return faults
  }

  ended(pod: Pod | undefined, name: string, id: string, exitCode: number): void {
    const spec = pod && allContainers(pod).find((candidate) => candidate.name === name)
    this.#isRestartingAll ||= spec !== undefined && policyRestartsAll(spec, exitCode)
    const end = (run: PastRun): PastRun => {
      if (run.id !== id || run.exitCode !== undefined) return run
      return { ...run, exitCode, isOutdated: spec !== undefined && containerHash(spec) !== run.hash }
    }
    this.#runs.set(name, this.runs(name).map(end))
  }

  #faultsOfStart(pod: Pod, name: string, { sandboxId }: Run): readonly string[] {
    const isExcused = this.#excused.has(name) || this.#isRestartingAll
    if (ephemeralContainers(pod).some((candidate) => candidate.name === name)) {
      return this.runs(name).length > 0 && !isExcused ? ['was started again, an ephemeral container'] : []
    }
    const container = allContainers(pod).find((candidate) => candidate.name === name)
    if (container === undefined) return ['is no container of the Pod']
    if (this.#isRestartingAll) return []
    const init = initContainers(pod)
    const faults: string[] = []
    const last = this.runs(name).at(-1)
    if (last?.exitCode !== undefined && !isExcused && !mayFollow(pod, container, last, sandboxId)) {
      faults.push(`was started again after it had ended for good with ${last.exitCode}`)
    }
    if (this.#inherited.has(sandboxId.split(' ')[0] ?? '')) return faults
    // Once a regular container has run in this sandbox its init containers have had their turn.
    if (pod.spec.containers.some((each) => this.#hasRunIn(each.name, sandboxId))) {
      const isLate = init.includes(container) && !isSidecar(container) && !isExcused
      return isLate ? [...faults, 'was started after a regular container'] : faults
    }
    const before = init.includes(container) ? init.slice(0, init.indexOf(container)) : init
    const unfinished = before.filter((each) => !this.#isPast(each, sandboxId))
    return [...faults, ...unfinished.map((each) => `was started before ${each.name} was done in its sandbox`)]
  }

  #hasRunIn(name: string, sandboxId: string): boolean {
    return this.runs(name).some((run) => run.sandboxId === sandboxId)
  }

  #isPast(container: ContainerSpec, sandboxId: string): boolean {
    const runs = this.runs(container.name).filter((run) => run.sandboxId === sandboxId)
    return isSidecar(container) ? runs.length > 0 : runs.some(({ exitCode }) => exitCode === 0)
  }
}

/** Whether a container may be started in a sandbox after a run that has ended. */
function mayFollow(pod: Pod, container: ContainerSpec, last: PastRun, sandboxId: string): boolean {
  const restarts = policyRestarts(pod, container, last.exitCode ?? 0)
  // After a restart of all that came between everything runs anew.
  if (roundOf(last.sandboxId) !== roundOf(sandboxId)) return true
  if (!initContainers(pod).includes(container) || isSidecar(container))
    return restarts || last.isOutdated || mayBeGivenUp(pod, container)
  return last.exitCode === 0 ? last.sandboxId !== sandboxId : restarts
}

/** Its probes may have had it killed in order to be started anew, whatever it ended with. */
function mayBeGivenUp(pod: Pod, container: ContainerSpec): boolean {
  const isProbed = container.livenessProbe !== undefined || container.startupProbe !== undefined
  return isProbed && (container.restartPolicy ?? restartPolicy(pod)) !== 'Never'
}

function roundOf(sandboxId: string): string | undefined {
  return sandboxId.split(' ')[1]
}
