import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { isCritical, sidecars } from '../../model/pod.ts'
import { qosClass } from '../qos-class.ts'
import { amountsOf, containerRequests, hasPodLevel } from './pod-amounts.ts'

const guaranteedScore = -997
const bestEffortScore = 1000

/**
 * How readily the kernel kills a container when the node runs out of memory, -1000 to 1000 (pkg/kubelet/qos/policy.go): a
 * Burstable one the less so the more of the node's memory it has asked for.
 */
export function oomScoreAdj(pod: Pod, container: ContainerSpec, nodeMemoryBytes: number): number {
  if (isCritical(pod) && pod.spec.priorityClassName === 'system-node-critical') return guaranteedScore
  const qos = qosClass(pod)
  switch (qos) {
    case 'Guaranteed':
      return guaranteedScore
    case 'BestEffort':
      return bestEffortScore
    case 'Burstable':
      return burstableScore(pod, container, BigInt(nodeMemoryBytes))
    default:
      return qos satisfies never
  }
}

/** Between what is Guaranteed and what is BestEffort, whatever it asks for. */
function burstableScore(pod: Pod, container: ContainerSpec, nodeMemory: bigint): number {
  const spare = spareRequest(pod)
  const score = (request: bigint): bigint => 1000n - (1000n * (request + spare)) / nodeMemory
  const own = score(memoryRequest(container))
  // A sidecar outlives the container that it serves: it goes no sooner than the least of those.
  const adjusted = sidecars(pod).some(({ name }) => name === container.name)
    ? least(own, score(leastRegularRequest(pod)))
    : own
  if (adjusted < BigInt(bestEffortScore + guaranteedScore)) return bestEffortScore + guaranteedScore
  return adjusted === BigInt(bestEffortScore) ? bestEffortScore - 1 : Number(adjusted)
}

/** Each container's share of what the Pod as a whole asks for beyond its containers. */
function spareRequest(pod: Pod): bigint {
  if (!hasPodLevel(pod, 'requests')) return 0n
  const whole = amountsOf(pod.spec.resources?.requests).get('memory') ?? 0n
  if (whole === 0n) return 0n
  const { containers, initContainers = [] } = pod.spec
  return (whole - (containerRequests(pod).get('memory') ?? 0n)) / BigInt(containers.length + initContainers.length)
}

function leastRegularRequest({ spec }: Pod): bigint {
  return spec.containers.map(memoryRequest).reduce(least)
}

function memoryRequest({ resources }: ContainerSpec): bigint {
  return amountsOf(resources?.requests).get('memory') ?? 0n
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
