import type { EndingAction } from '../model/action.ts'
import type { Pod } from '../model/kube.ts'
import type { ObservedContainer, ObservedPod } from '../model/observed.ts'
import { allContainers, sidecars } from '../model/pod.ts'
import { planKill, preStopOf, type KillFacts } from './plan-kill.ts'

export interface EndFacts extends KillFacts {
  /** `undefined` for a Pod whose spec is gone: nothing is known of its sidecars then, nor of its hooks. */
  readonly pod: Pod | undefined
  /** Seconds for the end of each container, see plan-kill. */
  readonly graceSeconds: number
  readonly reason: string
}

/**
 * What to do now so that every container of a Pod ends: all are told at once and run their hooks side by side; then the
 * others get their stop signal, and after them the sidecars, the last of them first
 * (pkg/kubelet/kuberuntime/kuberuntime_termination_order.go). Empty when nothing runs.
 */
export function endContainers(observed: ObservedPod, facts: EndFacts): readonly EndingAction[] {
  const running = observed.containers.filter((container) => container.state.phase === 'running')
  const regular = facts.pod?.spec.containers.map(({ name }) => name) ?? []
  const order = facts.pod === undefined ? [] : sidecars(facts.pod).map(({ name }) => name)
  const all = facts.pod === undefined ? [] : allContainers(facts.pod)
  /** A sidecar waits for the regular containers and for the sidecars behind it; nobody waits for a plain init container. */
  const isItsTurn = ({ name }: ObservedContainer): boolean => {
    const place = order.indexOf(name)
    return place === -1 || !running.some((other) => regular.includes(other.name) || order.indexOf(other.name) > place)
  }
  return running.map((container) =>
    planKill(
      container,
      {
        graceSeconds: facts.graceSeconds,
        preStop: preStopOf(all.find(({ name }) => name === container.name)),
        isItsTurn: isItsTurn(container),
        message: `Stopping container ${container.name}`,
        thenRestart: false,
        reason: facts.reason,
      },
      facts,
    ),
  )
}
