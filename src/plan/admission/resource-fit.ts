import type { KubeNode, Pod } from '../../model/kube.ts'
import type { AdmissionFacts, Refusal } from './admission-facts.ts'
import { amountsOf, podRequests, type Amounts } from '../../translate/resources/pod-amounts.ts'

/** A resource of which the node has not enough left. CPUs are counted in thousandths. */
export interface Shortage {
  readonly resource: string
  readonly requested: bigint
  readonly used: bigint
  readonly capacity: bigint
}

/** The resources that every node has, in the order in which they are told of. */
const nativeResources = ['cpu', 'memory', 'ephemeral-storage'] as const

/**
 * Everything that a Pod asks for and the node has not left (fitsRequest in pkg/scheduler/framework/plugins/noderesources).
 * Extended resources that the node does not know are somebody else's to give, and are not asked about.
 */
export function shortages(pod: Pod, { node, others }: Pick<AdmissionFacts, 'node' | 'others'>): readonly Shortage[] {
  const allocatable = amountsOf(node.status?.allocatable)
  const known = new Set(Object.keys(node.status?.allocatable ?? {}))
  const requests = podRequests(pod)
  const used = requests.size === 0 ? new Map<string, bigint>() : others.requests()
  const extended = [...requests.keys()].filter((name) => isCounted(name, known)).toSorted()
  return [
    ...short('pods', new Map([['pods', 1n]]), new Map([['pods', BigInt(others.count)]]), allocatable),
    ...[...nativeResources, ...extended].flatMap((name) => short(name, requests, used, allocatable)),
  ]
}

/**
 * Whether a Pod asks for extended resources that the node does not know: it may have got them
 * since it was last looked at.
 */
export function asksForUnknown(pod: Pod, node: KubeNode): boolean {
  const known = new Set(Object.keys(node.status?.allocatable ?? {}))
  return [...podRequests(pod).keys()].some((name) => name.includes('/') && !isCounted(name, known))
}

/** The shortage in the kubelet's words. */
export function shortageRefusal({ resource, requested, used, capacity }: Shortage): Refusal {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${numbers}` }
}

function short(resource: string, requests: Amounts, uses: Amounts, capacities: Amounts): readonly Shortage[] {
  const requested = requests.get(resource) ?? 0n
  const used = uses.get(resource) ?? 0n
  const capacity = capacities.get(resource) ?? 0n
  return requested > 0n && requested > capacity - used ? [{ resource, requested, used, capacity }] : []
}

/** Huge pages and attached volumes are Kubernetes' own; of others only what the node says that it has. */
function isCounted(name: string, known: ReadonlySet<string>): boolean {
  if (name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true
  if (!name.includes('/') || name.startsWith('requests.')) return false
  return name.includes('kubernetes.io/') || known.has(name)
}
