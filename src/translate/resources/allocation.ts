import type { ContainerAmounts, PodAllocation, ResourceRequirements } from '../../model/allocation.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { initContainers } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { effectiveLimit } from './container-resources.ts'
import { amountsOf } from './pod-amounts.ts'

/** What a Pod asks for now, as an allocation of just that (allocationFromPod in pkg/kubelet/allocation). */
export function allocationOf(pod: Pod): PodAllocation {
  const entries = [...initContainers(pod), ...pod.spec.containers].flatMap(({ name, resources }) =>
    isAsking(resources) ? [[name, amountsIn(resources)] as const] : [],
  )
  const whole = pod.spec.resources
  return {
    ...(isAsking(whole) ? { pod: amountsIn(whole) } : {}),
    containers: Object.fromEntries(entries),
  }
}

/** The same, to be noted on the Pod's sandbox; `undefined` where nothing is asked for: such a Pod is never resized. */
export function notedAllocation(pod: Pod): PodAllocation | undefined {
  const allocation = allocationOf(pod)
  return allocation.pod === undefined && Object.keys(allocation.containers).length === 0 ? undefined : allocation
}

/**
 * The Pod with what it was given in the place of what it asks for; the Pod itself where that is the same. Everything but the
 * decision on a resize goes by this one.
 */
export function withAllocation(pod: Pod, allocation: PodAllocation): Pod {
  if (isAllocated(pod, allocation)) return pod
  const given = (container: ContainerSpec): ContainerSpec => {
    const { resources: asked, ...others } = container
    const resources = allocation.containers[container.name]
    if (isSameResources(asked, resources)) return container
    return resources === undefined ? others : { ...others, resources: { ...asked, ...both(resources) } }
  }
  const { resources: whole, initContainers: init, ...spec } = pod.spec
  return {
    ...pod,
    spec: {
      ...spec,
      ...(allocation.pod === undefined ? {} : { resources: { ...whole, ...both(allocation.pod) } }),
      ...(init === undefined ? {} : { initContainers: init.map(given) }),
      containers: spec.containers.map(given),
    },
  }
}

/** Whether a Pod asks for just what it was given. Quantities count by what they are, not by how they are written. */
export function isAllocated(pod: Pod, { pod: whole, containers }: PodAllocation): boolean {
  return (
    isSameResources(pod.spec.resources, whole) &&
    [...initContainers(pod), ...pod.spec.containers].every(({ name, resources }) =>
      isSameResources(resources, containers[name]),
    )
  )
}

/**
 * What a container is to have in numbers (containerResourcesFromRequirements in pkg/kubelet/kuberuntime): where it has no
 * limit of its own that of the Pod as a whole is its limit.
 */
export function containerAmounts(pod: Pod, container: ContainerSpec): ContainerAmounts {
  const requests = amountsOf(container.resources?.requests)
  return {
    cpuRequest: Number(requests.get('cpu') ?? 0n),
    cpuLimit: Number(effectiveLimit(pod, container, 'cpu')),
    memoryRequest: Number(requests.get('memory') ?? 0n),
    memoryLimit: Number(effectiveLimit(pod, container, 'memory')),
  }
}

function isAsking(resources: ResourceRequirements | undefined): resources is ResourceRequirements {
  return [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).length > 0)
}

/** Claims are no amounts, and never change. */
function amountsIn({ requests, limits }: ResourceRequirements): ResourceRequirements {
  return { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) }
}

/** Names both halves, so that one that was not given hides one that is asked for. */
function both({ requests = {}, limits = {} }: ResourceRequirements): ResourceRequirements {
  return { limits, requests }
}

/** Whether two say the same, however it is written. */
export function isSameResources(
  one: ResourceRequirements | undefined,
  other: ResourceRequirements | undefined,
): boolean {
  return isSameAmounts(one?.requests, other?.requests) && isSameAmounts(one?.limits, other?.limits)
}

type Quantities = Readonly<Record<string, string>>

/** The same of one list of quantities. */
export function isSameAmounts(one: Quantities = {}, other: Quantities = {}): boolean {
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => {
    const [a, b] = [one[name], other[name]]
    return a !== undefined && b !== undefined && (a === b || parseQuantity(a)?.nano === parseQuantity(b)?.nano)
  })
}
