import type { Pod } from '../../src/model/kube.ts'
import { labels, sandboxContainerName } from '../../src/model/labels.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import type { FakeDocker } from '../fakes/fake-docker.ts'
import { RunLedger } from './run-ledger.ts'

export interface DockerLedgerOptions {
  readonly docker: FakeDocker
  /** The newest version of a Pod that the API server has had. */
  readonly pod: (uid: string) => Pod | undefined
  readonly violation: (message: string) => void
}

/** What has run on the node, Pod by Pod. */
export class DockerLedger {
  readonly #options: DockerLedgerOptions
  readonly #pods = new Map<string, RunLedger>()

  constructor(options: DockerLedgerOptions) {
    this.#options = options
    options.docker.listen((event) => {
      if (event.kind !== 'container') return
      if (event.action === 'start') this.#started(event.container)
      if (event.action === 'die') this.#ended(event.container)
      if (event.action === 'destroy') this.#destroyed(event.container)
    })
  }

  of(uid: string): RunLedger {
    const known = this.#pods.get(uid) ?? new RunLedger()
    this.#pods.set(uid, known)
    return known
  }

  #started(container: FakeContainer): void {
    const { uid, name } = identity(container)
    const run = {
      id: container.id,
      sandboxId: labelOf(container, labels.sandboxId),
      attempt: Number(labelOf(container, labels.attempt)),
      hash: labelOf(container, labels.hash),
    }
    const pod = this.#options.pod(uid)
    const faults = pod === undefined ? ['was started, of which nobody knows'] : this.of(uid).started(pod, name, run)
    for (const fault of faults) {
      this.#options.violation(`${name} ${run.attempt} of ${pod?.metadata.name ?? uid} ${fault}`)
    }
  }

  #destroyed(container: FakeContainer): void {
    const { uid } = identity(container)
    const left = this.#options.docker.containers.filter(
      (other) => identity(other).uid === uid && !isSandbox(other) && !identity(other).name.startsWith('e'),
    )
    if (left.length === 0) this.of(uid).emptied()
  }

  #ended(container: FakeContainer): void {
    const { uid, name } = identity(container)
    this.of(uid).ended(this.#options.pod(uid), name, container.id, container.exitCode)
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

/** Init containers that are no sidecars end well. False where none of them runs. */
export function endInitContainers(docker: FakeDocker): boolean {
  const unfinished = docker.containers.filter(
    (container) => container.running && identity(container).name.startsWith('i'),
  )
  for (const { id } of unfinished) docker.exit(id, { exitCode: 0 })
  return unfinished.length > 0
}
