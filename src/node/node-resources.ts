import { bytesQuantity, formatQuantity } from '../util/quantity.ts'

/** What a machine has to give to Pods. */
export interface NodeResources {
  readonly cpus: number
  readonly memoryBytes: number
  readonly rootFsBytes: number
  /** By size, `2Mi`; see NodeFacts. */
  readonly hugePages: Readonly<Record<string, number>>
  readonly maxPods: number
}

export type ResourceList = Readonly<Record<string, string>>

/** The kubelet's default hard eviction threshold `memory.available<100Mi`. */
const evictionMemoryBytes = 100 * 1024 * 1024
/** Its `nodefs.available<10%`, in the float32 in which it computes: this shows in the last digits. */
const evictionDiskPart = Math.fround(0.1)

/** `status.capacity`: everything. */
export function nodeCapacity({ cpus, memoryBytes, rootFsBytes, hugePages, maxPods }: NodeResources): ResourceList {
  return {
    cpu: String(cpus),
    'ephemeral-storage': bytes(rootFsBytes),
    ...hugePageQuantities(hugePages),
    memory: bytes(memoryBytes),
    pods: String(maxPods),
  }
}

/** `status.allocatable`: what is left when the eviction thresholds, and of the memory the huge pages, are kept back. */
export function nodeAllocatable(resources: NodeResources): ResourceList {
  const { memoryBytes, rootFsBytes, hugePages } = resources
  const hugePageBytes = Object.values(hugePages).reduce((sum, each) => sum + each, 0)
  return {
    ...nodeCapacity(resources),
    'ephemeral-storage': bytes(rootFsBytes - Math.trunc(rootFsBytes * evictionDiskPart)),
    memory: bytes(Math.max(0, memoryBytes - evictionMemoryBytes - hugePageBytes)),
  }
}

function hugePageQuantities(hugePages: Readonly<Record<string, number>>): ResourceList {
  return Object.fromEntries(Object.entries(hugePages).map(([size, total]) => [`hugepages-${size}`, bytes(total)]))
}

function bytes(count: number): string {
  return formatQuantity(bytesQuantity(count))
}
