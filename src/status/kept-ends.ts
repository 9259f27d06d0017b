import type { ContainerStatus, Pod } from '../model/kube.ts'
import { allContainers } from '../model/pod.ts'
import { canRestartAll, policyRestarts } from '../model/restart-policy.ts'

/**
 * Container statuses as the API server takes them. A container that has ended and that its policy does not start again
 * must not be said to run or wait: a status that says so is refused as a whole (ValidateContainerStateTransition in
 * pkg/apis/core/validation/validation.go). Init containers do so all the same, where they run once more in a new sandbox:
 * until such a one has ended again, what was said of its first end stays. Where all containers can be restarted the server
 * takes anything.
 */
export function withKeptEnds(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  previous: readonly ContainerStatus[] | undefined,
): readonly ContainerStatus[] {
  if (canRestartAll(pod)) return statuses
  return statuses.map((status) => {
    const before = previous?.find(({ name }) => name === status.name)
    const end = before?.state?.terminated
    if (before === undefined || end === undefined || status.state?.terminated !== undefined) return status
    const container = allContainers(pod).find(({ name }) => name === status.name)
    return container === undefined || policyRestarts(pod, container, end.exitCode) ? status : before
  })
}
