import { containerHash } from '../../src/model/container-hash.ts'
import type { Pod } from '../../src/model/kube.ts'
import { labels, sandboxContainerName } from '../../src/model/labels.ts'
import { allContainers, initContainers, isSidecar } from '../../src/model/pod.ts'
import { policyRestarts } from '../../src/model/restart-policy.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import type { FakeDocker } from '../fakes/fake-docker.ts'

/** One run of a container: from a start to an end. */
export interface Run {
  readonly id: string
  readonly sandboxId: string
  readonly attempt: number
  readonly hash: string
  /** `undefined` while it runs. */
  exitCode: number | undefined
  /** When it ended the Pod asked for another image than its own: it may have been killed to be replaced. */
  isOutdated: boolean
}

export interface DockerLedgerOptions {
  readonly docker: FakeDocker
  /** The newest version of a Pod that the API server has had. */
  readonly pod: (uid: string) => Pod | undefined
  readonly violation: (message: string) => void
}

/**
 * What has run on the node, whatever Docker still knows of it, and what must be true of every start: one instance at a
 * time, in one sandbox at a time, init containers in order and before the others, nothing again that is not to be
 * started again.
 */
export class DockerLedger {
  readonly #options: DockerLedgerOptions
  readonly #runs = new Map<string, Run[]>()
  readonly #excused = new Set<string>()

  constructor(options: DockerLedgerOptions) {
    this.#options = options
    options.docker.listen((event) => {
      if (event.kind !== 'container') return
      if (event.action === 'start') this.#started(event.container)
      if (event.action === 'die') this.#ended(event.container)
    })
  }

  /** Every run of a container of a Pod, in order. */
  runs(uid: string, name: string): readonly Run[] {
    return this.#runs.get(`${uid} ${name}`) ?? []
  }

  /** The run with this id, as a status names it: `docker://<id>`. */
  find(uid: string, name: string, containerID: string): Run | undefined {
    return this.runs(uid, name).findLast(({ id }) => `docker://${id}` === containerID)
  }

  /** Nobody can know any more that this container has run: it may run once more. */
  excuse(uid: string, name: string): void {
    this.#excused.add(`${uid} ${name}`)
  }

  #started(container: FakeContainer): void {
    const { uid, name } = identity(container)
    const run: Run = {
      id: container.id,
      sandboxId: labelOf(container, labels.sandboxId),
      attempt: Number(labelOf(container, labels.attempt)),
      hash: labelOf(container, labels.hash),
      exitCode: undefined,
      isOutdated: false,
    }
    const twins = this.#options.docker.containers.filter(
      (other) => other.running && other !== container && isSame(identity(other), { uid, name }),
    )
    const said = `${name} ${run.attempt} of ${this.#options.pod(uid)?.metadata.name ?? uid}`
    if (twins.length > 0) this.#options.violation(`${said} was started while another instance runs`)
    const pod = this.#options.pod(uid)
    if (pod === undefined) this.#options.violation(`${said} was started, of which nobody knows`)
    else if (name !== sandboxContainerName) this.#checkStart(pod, name, run, said)
    this.#excused.delete(`${uid} ${name}`)
    this.#runs.set(`${uid} ${name}`, [...this.runs(uid, name), run])
  }

  #checkStart(pod: Pod, name: string, run: Run, said: string): void {
    const { violation } = this.#options
    const { uid } = pod.metadata
    const container = allContainers(pod).find((candidate) => candidate.name === name)
    if (container === undefined) return violation(`${said} is no container of the Pod`)
    const init = initContainers(pod)
    const isPlainInit = init.includes(container) && !isSidecar(container)
    const last = this.runs(uid, name).at(-1)
    const isExcused = this.#excused.has(`${uid} ${name}`)
    if (last?.exitCode !== undefined && !isExcused) {
      const isOtherSandbox = init.includes(container) && last.sandboxId !== run.sandboxId
      const restarts = policyRestarts(pod, container, last.exitCode)
      const mayRun = isPlainInit ? (last.exitCode === 0 ? isOtherSandbox : restarts) : restarts || last.isOutdated
      if (!mayRun) violation(`${said} was started again after it had ended for good with ${last.exitCode}`)
    }
    // Once a regular container has run in this sandbox its init containers have had their turn.
    const isInitialized = pod.spec.containers.some((each) => this.#hasRunIn(uid, each.name, run.sandboxId))
    if (isInitialized) {
      if (isPlainInit && !isExcused) violation(`${said} was started after a regular container`)
      return
    }
    const before = init.includes(container) ? init.slice(0, init.indexOf(container)) : init
    for (const each of before) {
      const runs = this.runs(uid, each.name).filter(({ sandboxId }) => sandboxId === run.sandboxId)
      const isDone = isSidecar(each) ? runs.length > 0 : runs.some(({ exitCode }) => exitCode === 0)
      if (!isDone) violation(`${said} was started before ${each.name} was done in its sandbox`)
    }
  }

  #hasRunIn(uid: string, name: string, sandboxId: string): boolean {
    return this.runs(uid, name).some((run) => run.sandboxId === sandboxId)
  }

  #ended(container: FakeContainer): void {
    const { uid, name } = identity(container)
    const run = this.runs(uid, name).findLast(({ id }) => id === container.id)
    if (run === undefined) return
    run.exitCode = container.exitCode
    const pod = this.#options.pod(uid)
    const spec = pod && allContainers(pod).find((candidate) => candidate.name === name)
    run.isOutdated = spec !== undefined && containerHash(spec) !== run.hash
  }
}

export interface ContainerIdentity {
  readonly uid: string
  readonly name: string
}

export function identity(container: FakeContainer): ContainerIdentity {
  return { uid: labelOf(container, labels.podUid), name: labelOf(container, labels.containerName) }
}

export function isSandbox(container: FakeContainer): boolean {
  return identity(container).name === sandboxContainerName
}

export function labelOf(container: FakeContainer, label: string): string {
  return container.request.body.Labels[label] ?? ''
}

function isSame(a: ContainerIdentity, b: ContainerIdentity): boolean {
  return a.uid === b.uid && a.name === b.name
}
