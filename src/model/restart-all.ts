import type { Pod, PodStatus } from './kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod } from './observed.ts'
import { allContainerStatuses, initContainers } from './pod.ts'
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

/** The instances that are to go: by container name, the number of the last. */
export type LastInstances = ReadonlyMap<string, number>

/** What is to go where a status says that a restart of all containers is under way: what was there when that was said. */
export function restartUnderWay(status: PodStatus | undefined): LastInstances | undefined {
  if (!isRestartingAll(status)) return undefined
  const made = allContainerStatuses(status).filter(({ containerID, lastState }) => containerID || lastState?.terminated)
  return new Map(made.map(({ name, restartCount }) => [name, restartCount]))
}

/** Whether a status says that a restart of all containers is under way. */
export function isRestartingAll(status: PodStatus | undefined): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === allContainersRestarting && value === 'True',
  )
}

/**
 * Whether all containers of the Pod are to start anew, because one of them has ended in a way for which its rules say so, or
 * because that has begun (`underWay`, the last status says). What is newer than that has been started anew already, by an
 * agent that had no time to say so. Ephemeral containers have no part in it (ShouldAllContainersRestart in
 * pkg/kubelet/container/helpers.go, getContainersToReset in pkg/kubelet/kuberuntime/kuberuntime_manager.go).
 */
export function restartAll(pod: Pod, observed: ObservedPod, underWay: LastInstances | undefined): RestartAll {
  if (!canRestartAll(pod)) return { kind: 'none' }
  // Regular containers go first.
  const containers = [...pod.spec.containers, ...initContainers(pod)].map((container) => {
    const instances = instancesOf(observed, container.name)
    const isNew = ({ attempt }: ObservedContainer): boolean =>
      underWay !== undefined && attempt > (underWay.get(container.name) ?? -1)
    return { container, instances, isTrigger: instances.slice(0, 1).some((one) => asksFor(container, one)), isNew }
  })
  const isAnother = containers.some(({ isTrigger, instances, isNew }) => isTrigger && instances.slice(0, 1).some(isNew))
  const isBegun = containers.some(({ isTrigger }) => isTrigger)
  if (underWay === undefined && !isBegun) return { kind: 'none' }
  const going = containers.map(({ container, instances, isNew }) => ({
    container,
    instances: isAnother ? instances : instances.filter((instance) => !isNew(instance)),
  }))
  const triggers = going.flatMap(({ container, instances }) => instances.filter((one) => asksFor(container, one)))
  const others = going.flatMap(({ instances }) => instances.filter((one) => !triggers.includes(one)))
  return triggers.length + others.length === 0 ? { kind: 'removed' } : { kind: 'removing', triggers, others }
}

function asksFor(container: Pod['spec']['containers'][number], { state }: ObservedContainer): boolean {
  return state.phase === 'exited' && policyRestartsAll(container, state.exitCode)
}
