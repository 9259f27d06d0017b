import type { ContainerSpec, Pod } from '../model/kube.ts'
import { parseQuantity } from '../util/quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

type Resources = ContainerSpec['resources']

const countedResources = ['cpu', 'memory'] as const

/**
 * The Pod's QoS class (pkg/apis/core/v1/helper/qos): only CPU and memory count, init containers included; where something
 * is asked for the Pod as a whole, only that. The API server sets it first, so this is for static Pods and for what comes
 * without.
 */
export function qosClass({ spec, status }: Pod): QosClass {
  if (status?.qosClass) return status.qosClass as QosClass
  const all = spec.resources === undefined ? containerResources(spec) : [spec.resources]
  if (!all.some(asksForAnything)) return 'BestEffort'
  const isLimited = all.every((resources) => countedResources.every((name) => limit(resources, name) > 0n))
  const isEven = countedResources.every((name) => total(all, name, request) === total(all, name, limit))
  return isLimited && isEven ? 'Guaranteed' : 'Burstable'
}

function containerResources({ containers, initContainers = [] }: Pod['spec']): readonly Resources[] {
  return [...containers, ...initContainers].map(({ resources }) => resources)
}

function asksForAnything(resources: Resources): boolean {
  return countedResources.some((name) => request(resources, name) > 0n || limit(resources, name) > 0n)
}

function total(all: readonly Resources[], name: string, part: typeof limit): bigint {
  return all.reduce((sum, resources) => sum + part(resources, name), 0n)
}

/** What has a limit and no request asks for as much as that. */
function request(resources: Resources, name: string): bigint {
  return nano(resources?.requests?.[name] ?? resources?.limits?.[name])
}

function limit(resources: Resources, name: string): bigint {
  return nano(resources?.limits?.[name])
}

function nano(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : (parseQuantity(quantity)?.nano ?? 0n)
}
