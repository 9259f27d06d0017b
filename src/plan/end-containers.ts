import type { EndingAction } from '../model/action.ts'
import type { ContainerSpec } from '../model/kube.ts'
import type { ObservedContainer, ObservedPod } from '../model/observed.ts'

export interface EndFacts {
  /** Seconds from the stop signal to SIGKILL. */
  readonly graceSeconds: number
  /** The same for a sidecar: what the others have left of the Pod's grace. */
  readonly sidecarGraceSeconds: number
  readonly reason: string
}

/**
 * What to do now so that every container of a Pod ends: the regular ones side by side, then its sidecars, the last of
 * them first (pkg/kubelet/kuberuntime/kuberuntime_termination_order.go). Empty when nothing runs.
 */
export function endContainers(
  observed: ObservedPod,
  sidecars: readonly ContainerSpec[],
  facts: EndFacts,
): readonly EndingAction[] {
  const running = observed.containers.filter((container) => container.state.phase === 'running')
  const order = sidecars.map(({ name }) => name)
  const others = running.filter(({ name }) => !order.includes(name))
  if (others.length > 0) return others.map((container) => kill(container, facts.graceSeconds, facts.reason))
  const last = running.toSorted((a, b) => order.indexOf(b.name) - order.indexOf(a.name)).slice(0, 1)
  return last.map((container) => kill(container, facts.sidecarGraceSeconds, facts.reason))
}

function kill(container: ObservedContainer, graceSeconds: number, reason: string): EndingAction {
  return {
    kind: 'kill-container',
    id: container.id,
    containerName: container.name,
    graceSeconds,
    message: `Stopping container ${container.name}`,
    thenRestart: false,
    reason,
  }
}
