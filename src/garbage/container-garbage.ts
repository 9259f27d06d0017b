import type { ContainerId, PodUid } from '../model/ids.ts'
import { deadContainers, type DeadContainerPolicy, type JudgedPod } from './dead-containers.ts'

export interface ContainerGarbageOptions {
  readonly policy: DeadContainerPolicy
  /** Every Pod of which Docker holds anything, as it is known now; `undefined` while nobody knows which Pods there are. */
  readonly pods: () => readonly JudgedPod[] | undefined
  /** Removes one container or sandbox; what Docker says against it is told by whoever does it. Throws `aborted` only. */
  readonly remove: (uid: PodUid, id: ContainerId, signal: AbortSignal) => Promise<void>
  /** Nothing of an evicted Pod is left in Docker: its logs go too. Never rejects. */
  readonly onEmptied: (uid: PodUid, signal: AbortSignal) => Promise<void>
  /** Removes what is left of the logs of Pods that are gone. Never rejects. */
  readonly sweep: (signal: AbortSignal) => Promise<void>
  readonly now?: () => number
}

/**
 * Removes the records of dead containers and sandboxes that the node has no room for (kubeGenericRuntimeManager's
 * GarbageCollect). What is to go is known without asking Docker.
 */
export class ContainerGarbage {
  readonly #options: ContainerGarbageOptions
  #turn: Promise<void> = Promise.resolve()

  constructor(options: ContainerGarbageOptions) {
    this.#options = options
  }

  /** One round. `isShort`: of Pods that are over nothing stays, not even for their logs. Throws `aborted` only. */
  collect(signal: AbortSignal, isShort = false): Promise<void> {
    const turn = this.#turn.then(() => this.#collect(signal, isShort))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #collect(signal: AbortSignal, isShort: boolean): Promise<void> {
    const { policy, pods, remove, onEmptied, sweep, now = Date.now } = this.#options
    const judged = pods()
    if (judged !== undefined) {
      const garbage = deadContainers(judged, { policy, nowMs: now(), isShort })
      // One after the other: whoever starts or ends a Pod meanwhile does not wait for it.
      for (const [uid, ids] of garbage) for (const id of ids) await remove(uid, id, signal)
      for (const { observed, standing } of judged) {
        if (standing === 'evicted' && holdsNothingElse(observed, garbage.get(observed.uid)))
          await onEmptied(observed.uid, signal)
      }
    }
    await sweep(signal)
  }
}

function holdsNothingElse(
  { containers, sandboxes }: JudgedPod['observed'],
  removed: ReadonlySet<ContainerId> | undefined,
) {
  return removed !== undefined && containers.length + sandboxes.length === removed.size
}
