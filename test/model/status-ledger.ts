import type { ContainerStatus, Pod } from '../../src/model/kube.ts'
import { allContainers, allContainerStatuses, isTerminalStatus } from '../../src/model/pod.ts'
import { canRestartAll, policyRestarts } from '../../src/model/restart-policy.ts'
import type { FakeApiServer } from '../fakes/fake-api-server.ts'
import type { DockerLedger } from './docker-ledger.ts'
import type { Behaviours } from './behaviours.ts'

export interface StatusLedgerOptions {
  readonly server: FakeApiServer
  readonly docker: DockerLedger
  /** The newest version of a Pod that the agent has been told of. */
  readonly known: (uid: string) => Pod | undefined
  readonly behaviours: Behaviours
  readonly violation: (message: string) => void
}

/**
 * Every version of every Pod that the API server has had, and what must be true from one status to the next: a Pod that is
 * over stays so, restarts are only ever added, an end for good is never taken back, and what is said of a container is
 * what happened to it.
 */
export class StatusLedger {
  readonly #options: StatusLedgerOptions
  readonly #pods = new Map<string, Pod>()
  readonly #endedByOthers = new Set<string>()
  /** Pods whose last patch was asked for when the agent had not been told yet that they were over. */
  readonly #askedUnknowing = new Set<string>()
  #isForeign = false

  constructor(options: StatusLedgerOptions) {
    this.#options = options
    options.server.listen((pod) => {
      const before = this.#pods.get(pod.metadata.uid)
      this.#pods.set(pod.metadata.uid, pod)
      if (this.#isForeign && isTerminalStatus(pod.status)) this.#endedByOthers.add(pod.metadata.uid)
      if (before !== undefined && !this.#isForeign) this.#check(before, pod)
    })
  }

  /** The newest version of a Pod, gone or not. */
  pod(uid: string): Pod | undefined {
    return this.#pods.get(uid)
  }

  /** What `change` does to statuses is somebody else's doing. */
  byOthers(change: () => void): void {
    this.#isForeign = true
    change()
    this.#isForeign = false
  }

  /** The agent asks for a new status of a Pod: what it has not been told of by now it can't respect. */
  asked(uid: string): void {
    if (isTerminalStatus(this.#options.known(uid)?.status)) this.#askedUnknowing.delete(uid)
    else this.#askedUnknowing.add(uid)
  }

  #check(before: Pod, pod: Pod): void {
    const said = (what: string): void => this.#options.violation(`The status of ${pod.metadata.name}: ${what}`)
    const [then, now] = [before.status, pod.status]
    const { uid } = pod.metadata
    const isKnown = !this.#endedByOthers.has(uid) || !this.#askedUnknowing.has(uid)
    if (isTerminalStatus(then) && now?.phase !== then?.phase && isKnown) said(`leaves ${then?.phase} for ${now?.phase}`)
    if (then?.phase === 'Running' && now?.phase === 'Pending' && !canRestartAll(pod))
      said('goes back from Running to Pending')
    for (const status of allContainerStatuses(now)) {
      const old = allContainerStatuses(then).find(({ name }) => name === status.name)
      if (old !== undefined) checkChange(pod, old, status, (what) => said(`${status.name} ${what}`))
      this.#checkTruth(pod, status, (what) => said(`${status.name} ${what}`))
    }
    for (const { name } of allContainerStatuses(then)) {
      if (!allContainerStatuses(now).some((status) => status.name === name)) said(`${name} is not in it any more`)
    }
  }

  /** What it says of a run is what that run was. */
  #checkTruth(
    pod: Pod,
    { name, state, lastState, ready, started, containerID }: ContainerStatus,
    said: (what: string) => void,
  ): void {
    const { docker } = this.#options
    const kinds = Object.keys(state ?? {}).join()
    if (!['running', 'waiting', 'terminated'].includes(kinds)) said(`has the state "${kinds}"`)
    if (state?.waiting !== undefined && !state.waiting.reason) said('waits without a reason')
    const isInit =
      pod.spec.initContainers?.some((each) => each.name === name && each.restartPolicy !== 'Always') === true
    if (ready && state?.running === undefined && !isInit) said('is ready and does not run')
    if (state?.running !== undefined && docker.of(pod.metadata.uid).find(name, containerID ?? '') === undefined) {
      said('runs without having been started')
    }
    const { behaviours } = this.#options
    const { uid } = pod.metadata
    if (started === true && behaviours.wasNeverWell(uid, name, 'startup'))
      said('has started, says its status and no probe')
    if (ready && behaviours.wasNeverWell(uid, name, 'readiness')) said('is ready, says its status and no probe')
    for (const ended of [state?.terminated, lastState?.terminated]) {
      if (ended?.containerID === undefined) continue
      const run = docker.of(pod.metadata.uid).find(name, ended.containerID)
      if (run !== undefined && run.exitCode !== ended.exitCode)
        said(`ended with ${ended.exitCode}, not ${run.exitCode}`)
    }
    const id = state?.terminated?.containerID
    if (id !== undefined && lastState?.terminated?.containerID === id) said('has ended once and is told of twice')
  }
}

function checkChange(pod: Pod, old: ContainerStatus, status: ContainerStatus, said: (what: string) => void): void {
  if (status.restartCount < old.restartCount) said(`has ${status.restartCount} restarts after ${old.restartCount}`)
  const end = old.state?.terminated
  const container = allContainers(pod).find(({ name }) => name === status.name)
  if (end === undefined || container === undefined || status.state?.terminated !== undefined) return
  if (!policyRestarts(pod, container, end.exitCode) && !canRestartAll(pod))
    said(`leaves an end for good with ${end.exitCode}`)
}
