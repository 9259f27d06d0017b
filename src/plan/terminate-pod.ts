import type { EndingAction } from '../model/action.ts'
import type { ObservedPod } from '../model/observed.ts'

export interface TerminationFacts {
  /** Seconds for each container, from its stop signal to SIGKILL. */
  readonly graceSeconds: number
  /** Everything goes, records and volumes included; otherwise the Pod only stops running. */
  readonly remove: boolean
  /** The Pod still has a directory on this node. */
  readonly hasVolumes: boolean
}

/**
 * What to do now so that the Pod ends: its containers stop side by side, then its sandbox, and with `remove` everything
 * that is left goes. Empty means that it is over.
 */
export function computeTerminationActions(observed: ObservedPod, facts: TerminationFacts): readonly EndingAction[] {
  const running = observed.containers.filter((container) => container.state.phase === 'running')
  if (running.length > 0) {
    return running.map((container) => ({
      kind: 'kill-container',
      id: container.id,
      containerName: container.name,
      graceSeconds: facts.graceSeconds,
      message: `Stopping container ${container.name}`,
      thenRestart: false,
      reason: 'the Pod is terminating',
    }))
  }
  if (!facts.remove) {
    return observed.sandboxes
      .filter((sandbox) => sandbox.state.phase === 'running')
      .map((sandbox) => ({ kind: 'stop-sandbox', id: sandbox.id, reason: 'the Pod is over' }))
  }
  const reason = 'the Pod is deleted'
  return [
    ...observed.containers.map((container): EndingAction => ({
      kind: 'remove-container',
      id: container.id,
      containerName: container.name,
      reason,
    })),
    ...observed.sandboxes.map((sandbox): EndingAction => ({ kind: 'remove-sandbox', id: sandbox.id, reason })),
    ...(facts.hasVolumes ? [{ kind: 'remove-volumes', reason } as const] : []),
  ]
}
