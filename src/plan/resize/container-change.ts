import type { ContainerAmounts } from '../../model/allocation.ts'
import type { ContainerSpec } from '../../model/kube.ts'

type Resource = 'cpu' | 'memory'

/** How one resource of a container changes: its limit counts before its request. */
export type Direction = 'up' | 'down'

/** What is to become of a running container that is to have something else than it has. */
export type ContainerChange =
  | { readonly kind: 'none' }
  /** Its resize policy wants it to be started anew. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'update'; readonly directions: ReadonlyMap<Resource, Direction> }

/**
 * How a container gets from what it has to what it is to have (computePodResizeAction in pkg/kubelet/kuberuntime): in place,
 * unless one of the resources that change asks for a restart.
 */
export function containerChange(
  { resizePolicy = [] }: Pick<ContainerSpec, 'resizePolicy'>,
  current: ContainerAmounts,
  desired: ContainerAmounts,
): ContainerChange {
  const changes = (['memory', 'cpu'] as const).flatMap((resource) => {
    const direction = directionOf(partsOf(current, resource), partsOf(desired, resource))
    return direction === undefined ? [] : [[resource, direction] as const]
  })
  if (changes.length === 0) return { kind: 'none' }
  const wantsRestart = changes.some(([resource]) =>
    resizePolicy.some(
      ({ resourceName, restartPolicy }) => resourceName === resource && restartPolicy === 'RestartContainer',
    ),
  )
  return wantsRestart ? { kind: 'restart' } : { kind: 'update', directions: new Map(changes) }
}

/** Limit and request of one resource. */
function partsOf(amounts: ContainerAmounts, resource: Resource): readonly [number, number] {
  return resource === 'cpu' ? [amounts.cpuLimit, amounts.cpuRequest] : [amounts.memoryLimit, amounts.memoryRequest]
}

/** No limit is more than any. */
function directionOf(
  [limit, request]: readonly [number, number],
  [newLimit, newRequest]: readonly [number, number],
): Direction | undefined {
  if (limit !== newLimit)
    return (newLimit || Number.POSITIVE_INFINITY) > (limit || Number.POSITIVE_INFINITY) ? 'up' : 'down'
  if (request === newRequest) return undefined
  return newRequest > request ? 'up' : 'down'
}
