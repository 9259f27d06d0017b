import type { Pod, PodStatus } from './kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod } from './observed.ts'
import { initContainers } from './pod.ts'
import { canRestartAll, policyRestartsAll } from './restart-policy.ts'

/** What a container's status says after its instances were removed so that all containers of its Pod start anew. */
export const restartingAllContainers = 'RestartingAllContainers'

/** The condition of a Pod whose containers are being removed. */
export const allContainersRestarting = 'AllContainersRestarting'

/** How far a restart of all containers of a Pod, in its sandbox, has come. */
export type RestartAll =
  | { readonly kind: 'none' }
  /** It goes on for as long as there are instances. `triggers` are those that asked for it. */
  | {
      readonly kind: 'removing'
      readonly triggers: readonly ObservedContainer[]
      readonly others: readonly ObservedContainer[]
    }
  /** Every instance has gone: the containers can start from the first on. */
  | { readonly kind: 'removed' }

/** Whether a status says that a restart of all containers is under way. */
export function isRestartingAll(status: PodStatus | undefined): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === allContainersRestarting && value === 'True',
  )
}

/**
 * Whether all containers of the Pod are to start anew, because one of them has ended in a way for which its rules say so, or
 * because that has begun (`isUnderWay`, the last status says). Ephemeral containers have no part in it
 * (ShouldAllContainersRestart in pkg/kubelet/container/helpers.go, getContainersToReset in pkg/kubelet/kuberuntime/
 * kuberuntime_manager.go).
 */
export function restartAll(pod: Pod, observed: ObservedPod, isUnderWay: boolean): RestartAll {
  if (!canRestartAll(pod)) return { kind: 'none' }
  // Regular containers go first.
  const containers = [...pod.spec.containers, ...initContainers(pod)]
  const instances = containers.map((container) => ({ container, all: instancesOf(observed, container.name) }))
  const isTriggered = instances.some(
    ({ container, all: [newest] }) => newest?.state.phase === 'exited' && asksFor(container, newest),
  )
  if (!isUnderWay && !isTriggered) return { kind: 'none' }
  const triggers = instances.flatMap(({ container, all }) => all.filter((instance) => asksFor(container, instance)))
  const others = instances.flatMap(({ all }) => all.filter((instance) => !triggers.includes(instance)))
  return triggers.length + others.length === 0 ? { kind: 'removed' } : { kind: 'removing', triggers, others }
}

function asksFor(container: Pod['spec']['containers'][number], { state }: ObservedContainer): boolean {
  return state.phase === 'exited' && policyRestartsAll(container, state.exitCode)
}
