import type { EvictionSignal, EvictionThreshold } from '../model/eviction-threshold.ts'
import { gpuResource } from '../translate/resources/gpus.ts'
import { thresholdAmount } from '../translate/resources/threshold-amount.ts'
import { bytesQuantity, formatQuantity, parseQuantity } from '../util/quantity.ts'

/** What a machine has to give to Pods. */
export interface NodeResources {
  readonly cpus: number
  readonly memoryBytes: number
  readonly rootFsBytes: number
  /** By size, `2Mi`; see NodeFacts. */
  readonly hugePages: Readonly<Record<string, number>>
  /** How many GPUs Docker can hand out. */
  readonly gpus: number
  /** 0 where it is not known. */
  readonly maxPids: number
  readonly maxPods: number
  /** At most so many Pods for each CPU; 0 for no such limit. */
  readonly podsPerCore: number
  /** What the operator keeps for the rest of the machine, and for the node's own programs. */
  readonly reserved: readonly ResourceList[]
  /** The hard thresholds of eviction: what they keep back is not for Pods. */
  readonly thresholds: readonly EvictionThreshold[]
  /** Whether the node tells of its disk at all. */
  readonly hasEphemeralStorage: boolean
}

export type ResourceList = Readonly<Record<string, string>>

/** `status.capacity`: everything. */
export function nodeCapacity(resources: NodeResources): ResourceList {
  const { cpus, memoryBytes, rootFsBytes, hugePages, gpus, maxPods, podsPerCore, hasEphemeralStorage } = resources
  return {
    cpu: String(cpus),
    ...(hasEphemeralStorage && { 'ephemeral-storage': bytes(rootFsBytes) }),
    ...hugePageQuantities(hugePages),
    memory: bytes(memoryBytes),
    ...(gpus > 0 && { [gpuResource]: String(gpus) }),
    pods: String(podsPerCore > 0 ? Math.min(maxPods, podsPerCore * cpus) : maxPods),
  }
}

/**
 * `status.allocatable`: what is left when what is reserved, the eviction thresholds, and of the memory the huge pages, are
 * kept back.
 */
export function nodeAllocatable(resources: NodeResources): ResourceList {
  const { memoryBytes, rootFsBytes, hugePages, reserved, hasEphemeralStorage } = resources
  const hugePageBytes = Object.values(hugePages).reduce((sum, each) => sum + each, 0)
  const capacity = nodeCapacity(resources)
  return {
    ...capacity,
    cpu: without(capacity['cpu'] ?? '', 'cpu', reserved),
    ...(hasEphemeralStorage && {
      'ephemeral-storage': without(bytes(rootFsBytes), 'ephemeral-storage', [
        ...reserved,
        { 'ephemeral-storage': kept('nodefs.available', rootFsBytes, resources) },
      ]),
    }),
    memory: without(bytes(Math.max(0, memoryBytes - hugePageBytes)), 'memory', [
      ...reserved,
      { memory: kept('memory.available', memoryBytes, resources) },
    ]),
  }
}

/**
 * What a hard threshold keeps back of so much (hardEvictionReservation in
 * pkg/kubelet/cm/helpers.go): the last that is given.
 */
function kept(signal: EvictionSignal, capacity: number, { thresholds }: NodeResources): string {
  const threshold = thresholds.findLast((each) => each.signal === signal)
  return threshold === undefined ? '0' : formatQuantity(thresholdAmount(threshold.value, capacity))
}

/**
 * What all Pods together are held to: everything, or where that is enforced (`pods` in `enforceNodeAllocatable`) what is
 * not reserved. Thresholds of eviction are not kept back here: eviction is to come before the kernel does.
 */
export function podsBounds(resources: NodeResources, isEnforced: boolean): ResourceList {
  const { memoryBytes, maxPids, hugePages } = resources
  const reserved = isEnforced ? resources.reserved : []
  return {
    cpu: without(String(resources.cpus), 'cpu', reserved),
    memory: without(bytes(memoryBytes), 'memory', reserved),
    ...(maxPids > 0 && { pid: without(String(maxPids), 'pid', reserved) }),
    ...hugePageQuantities(hugePages),
  }
}

/** Nought where more is reserved than there is. */
function without(amount: string, name: string, reserved: readonly ResourceList[]): string {
  const quantity = parseQuantity(amount)
  if (quantity === undefined) return amount
  const nano = reserved.reduce((left, each) => left - (parseQuantity(each[name] ?? '0')?.nano ?? 0n), quantity.nano)
  return formatQuantity({ ...quantity, nano: nano > 0n ? nano : 0n })
}

function hugePageQuantities(hugePages: Readonly<Record<string, number>>): ResourceList {
  return Object.fromEntries(Object.entries(hugePages).map(([size, total]) => [`hugepages-${size}`, bytes(total)]))
}

function bytes(count: number): string {
  return formatQuantity(bytesQuantity(count))
}
