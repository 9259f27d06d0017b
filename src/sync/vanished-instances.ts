import type { ContainerStatus, PodStatus } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { allContainerStatuses } from '../model/pod.ts'
import { isRestartingAll, restartingAllContainers } from '../model/restart-all.ts'
import type { VanishedInstance } from '../plan/pod-facts.ts'

/** What is left of containers besides their records in Docker. */
export interface Traces {
  /** The Pod's last status. */
  readonly status: PodStatus | undefined
  /** The number of the last instance that was started, by container name, as the Pod's folder has it. */
  readonly startedBefore: ReadonlyMap<string, number>
}

/** Containers that ran, by what they left behind, and of which Docker has no record; by name. */
export function vanishedInstances(
  { status, startedBefore }: Traces,
  observed: ObservedPod,
): ReadonlyMap<string, VanishedInstance> {
  const isRemoving = isRestartingAll(status)
  const vanished = new Map<string, VanishedInstance>()
  for (const [name, attempt] of startedBefore) vanished.set(name, { attempt, exitCode: 137, comesAgain: true })
  for (const container of allContainerStatuses(status)) {
    const instance = lastInstance(container)
    if (instance === undefined) continue
    const attempt = Math.max(instance.attempt, startedBefore.get(container.name) ?? 0)
    // What goes while all containers are being removed is to come again, and the status does not say yet that it went.
    vanished.set(container.name, { ...instance, attempt, ...(isRemoving ? { comesAgain: true } : {}) })
  }
  for (const { name } of observed.containers) vanished.delete(name)
  return vanished
}

function lastInstance({ state, lastState, restartCount }: ContainerStatus): VanishedInstance | undefined {
  // It ran when it was last seen: it counts as killed.
  if (state?.running !== undefined) return { attempt: restartCount, exitCode: 137 }
  const ended = state?.terminated ?? lastState?.terminated
  if (ended === undefined) return undefined
  // Of one that went while it ran nothing is known but that, and its successor has been counted already.
  const isCountedAhead = state?.terminated === undefined && !ended.containerID
  return {
    attempt: isCountedAhead ? Math.max(0, restartCount - 1) : restartCount,
    exitCode: ended.exitCode,
    ...(ended.finishedAt ? { finishedAtMs: Date.parse(ended.finishedAt) } : {}),
    ...(ended.reason === restartingAllContainers ? { comesAgain: true } : {}),
  }
}

/**
 * What Docker holds, without the records of instances that are older than one of which only the Pod's last status is left:
 * somebody has removed the record of the newest, and the one before it must not pass for that.
 */
export function withoutOutdated(observed: ObservedPod, status: PodStatus | undefined): ObservedPod {
  const outdated = new Set(
    allContainerStatuses(status)
      .filter((told) => hasLostItsNewest(told, observed))
      .map(({ name }) => name),
  )
  if (outdated.size === 0) return observed
  const containers = observed.containers.filter(({ name, state }) => state.phase === 'running' || !outdated.has(name))
  return { ...observed, containers }
}

function hasLostItsNewest(
  { name, state, lastState, restartCount, containerID }: ContainerStatus,
  observed: ObservedPod,
) {
  const instances = observed.containers.filter((container) => container.name === name)
  if (instances.length === 0 || instances.some(({ attempt }) => attempt >= restartCount)) return false
  // One that was created and never ran is no loss: what counts is the one that ended before it, if one did.
  if (state?.waiting !== undefined && lastState?.terminated === undefined) return false
  const lastToRun = state?.waiting === undefined ? containerID : lastState?.terminated?.containerID
  return !instances.some(({ id }) => `docker://${id}` === lastToRun)
}
