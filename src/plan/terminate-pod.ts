import type { EndingAction } from '../model/action.ts'
import type { Pod } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { endContainers } from './end-containers.ts'
import type { KillFacts } from './plan-kill.ts'

export interface TerminationFacts extends KillFacts {
  /** The newest spec; `undefined` for a Pod whose spec is gone. */
  readonly pod: Pod | undefined
  /** Seconds for the end of each container. */
  readonly graceSeconds: number
  /** Everything goes, records and volumes included; otherwise the Pod only stops running. */
  readonly remove: boolean
  /**
   * With `remove`: the same Pod is wanted anew as soon as it is over, from a manifest that was put back. What is known of
   * its containers stays, as restarts go on being counted.
   */
  readonly comesAgain: boolean
  /** Nothing of the Pod's volumes is left on this node. */
  readonly volumesTornDown: boolean
  /** The Pod still has a directory on this node. */
  readonly hasVolumes: boolean
}

/**
 * What to do now so that the Pod ends: its containers stop, its sidecars after the others, then its sandbox, and with
 * `remove` everything that is left goes. Empty means that it is over.
 */
export function computeTerminationActions(observed: ObservedPod, facts: TerminationFacts): readonly EndingAction[] {
  const ends = endContainers(observed, { ...facts, reason: 'the Pod is terminating' })
  if (ends.length > 0) return ends
  if (!facts.remove) {
    const stops = observed.sandboxes
      .filter((sandbox) => sandbox.state.phase === 'running')
      .map((sandbox): EndingAction => ({ kind: 'stop-sandbox', id: sandbox.id, reason: 'the Pod is over' }))
    // Its object may stay for days: what its volumes take is not kept for it.
    if (stops.length > 0 || facts.volumesTornDown) return stops
    return [{ kind: 'tear-down-volumes', reason: 'the Pod is over' }]
  }
  const reason = 'the Pod is deleted'
  return [
    ...observed.containers
      .filter(({ state }) => !facts.comesAgain || state.phase !== 'exited')
      .map((container): EndingAction => ({
        kind: 'remove-container',
        id: container.id,
        containerName: container.name,
        reason,
      })),
    ...observed.sandboxes.map((sandbox): EndingAction => ({ kind: 'remove-sandbox', id: sandbox.id, reason })),
    ...(facts.hasVolumes ? [{ kind: 'remove-volumes', reason } as const] : []),
  ]
}
