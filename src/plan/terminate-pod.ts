import type { EndingAction } from '../model/action.ts'
import type { ContainerSpec } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { endContainers } from './end-containers.ts'

export interface TerminationFacts {
  /** Seconds for each container, from its stop signal to SIGKILL. */
  readonly graceSeconds: number
  /** The same for a sidecar, whose turn comes later: what is left of the Pod's grace. */
  readonly sidecarGraceSeconds: number
  /** The Pod's sidecars in the order of the spec; none for a Pod whose spec is gone. */
  readonly sidecars: readonly ContainerSpec[]
  /** Everything goes, records and volumes included; otherwise the Pod only stops running. */
  readonly remove: boolean
  /** The Pod still has a directory on this node. */
  readonly hasVolumes: boolean
}

/**
 * What to do now so that the Pod ends: its containers stop side by side, its sidecars after them, then its sandbox, and with `remove` everything
 * that is left goes. Empty means that it is over.
 */
export function computeTerminationActions(observed: ObservedPod, facts: TerminationFacts): readonly EndingAction[] {
  const ends = endContainers(observed, facts.sidecars, { ...facts, reason: 'the Pod is terminating' })
  if (ends.length > 0) return ends
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
