import type { NodeStatus } from '../model/kube.ts'
import type { ResourceList } from './node-resources.ts'

/**
 * Extended resources that an operator says the node has (`kubectl patch node --subresource=status`): all of them may be
 * used, as with the kubelet (MachineInfo in pkg/kubelet/nodestatus/setters.go).
 */
export function operatorsResources(previous: NodeStatus | undefined, own: ResourceList): ResourceList {
  const entries = Object.entries(previous?.capacity ?? {})
  return Object.fromEntries(entries.filter(([name]) => isExtended(name) && own[name] === undefined))
}

type Removals = Readonly<Record<string, null>>

/**
 * What the server still has of resources that are none any more, as a patch that takes them away: sizes of huge pages that
 * the kernel does not have, and extended resources that are not in the capacity.
 */
export function staleResources(
  before: NodeStatus,
  after: NodeStatus,
): { readonly capacity?: Removals; readonly allocatable?: Removals } {
  const isStale = (name: string): boolean =>
    name.startsWith('hugepages-') ? after.capacity?.[name] === undefined : isExtended(name) && !isThere(name)
  const isThere = (name: string): boolean =>
    before.capacity?.[name] !== undefined || after.capacity?.[name] !== undefined
  const capacity = removals(before.capacity, isStale)
  const allocatable = removals(before.allocatable, isStale)
  return { ...(capacity === undefined ? {} : { capacity }), ...(allocatable === undefined ? {} : { allocatable }) }
}

function removals(list: ResourceList | undefined, isStale: (name: string) => boolean): Removals | undefined {
  const names = Object.keys(list ?? {}).filter(isStale)
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, null]))
}

function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/')
}
