import type { ContainerStatus, PodStatus } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { allContainerStatuses } from '../model/pod.ts'
import type { VanishedInstance } from '../plan/pod-facts.ts'

/** It ran when it was last seen: it counts as killed. */
const unseenEnd = { exitCode: 137, finishedAt: undefined }

/** Containers that ran, by the Pod's last status, and of which Docker has no record. */
export function vanishedInstances(
  status: PodStatus | undefined,
  observed: ObservedPod,
): ReadonlyMap<string, VanishedInstance> {
  const recorded = new Set(observed.containers.map(({ name }) => name))
  const vanished = new Map<string, VanishedInstance>()
  for (const { name, state, lastState, restartCount } of allContainerStatuses(status)) {
    if (recorded.has(name)) continue
    const ended = state?.running === undefined ? (state?.terminated ?? lastState?.terminated) : unseenEnd
    if (ended === undefined) continue
    const end = ended.finishedAt ? { finishedAtMs: Date.parse(ended.finishedAt) } : {}
    vanished.set(name, { attempt: restartCount, exitCode: ended.exitCode, ...end })
  }
  return vanished
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
  // One that was created and never ran is no loss: what counts is the one that ended before it.
  const lastToRun = state?.waiting === undefined ? containerID : lastState?.terminated?.containerID
  return !instances.some(({ id }) => `docker://${id}` === lastToRun)
}
