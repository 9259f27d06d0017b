import type { Pod } from '../../model/kube.ts'
import { parseQuantity, wholeUnits } from '../../util/quantity.ts'
import type { Quantities } from '../downward/resource-value.ts'
import { podCgroupLimits } from '../resources/cgroup-limits.ts'

/**
 * How large a volume in memory may grow, in bytes: as much as the node has to give, the Pod's own limit, or what the volume
 * is limited to, whichever is least (calculateEmptyDirMemorySize in pkg/volume/emptydir). `undefined` where none is known.
 */
export function memoryVolumeBytes(
  pod: Pod,
  allocatable: Quantities,
  sizeLimitBytes: number | undefined,
): number | undefined {
  const ofNode = parseQuantity(allocatable['memory'] ?? '')
  const { memoryBytes: ofPod } = podCgroupLimits(pod, {
    cpuPeriodUs: undefined,
    podPidsLimit: undefined,
    pageSizes: [],
  })
  const limits = [ofNode && Number(wholeUnits(ofNode)), ofPod, sizeLimitBytes]
  const known = limits.filter((limit) => limit !== undefined).filter((limit) => limit > 0)
  return known.length === 0 ? undefined : Math.min(...known)
}
