import type { ContainerSpec, Pod } from '../model/kube.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const countedResources = ['cpu', 'memory'] as const

/**
 * The Pod's QoS class (pkg/apis/core/v1/helper/qos): only CPU and memory count, init containers included. The API server
 * sets it first, so this is for static Pods and for what comes without.
 */
export function qosClass(pod: Pod): QosClass {
  if (pod.status?.qosClass) return pod.status.qosClass as QosClass
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  if (!containers.some(asksForAnything)) return 'BestEffort'
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

function asksForAnything({ resources }: ContainerSpec): boolean {
  return countedResources.some((name) => isSet(resources?.requests?.[name]) || isSet(resources?.limits?.[name]))
}

function isGuaranteed({ resources }: ContainerSpec): boolean {
  return countedResources.every((name) => {
    const limit = resources?.limits?.[name]
    return isSet(limit) && (resources?.requests?.[name] ?? limit) === limit
  })
}

function isSet(quantity: string | undefined): boolean {
  return quantity !== undefined && Number.parseFloat(quantity) !== 0
}
