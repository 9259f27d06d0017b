import type { PodBounds } from '../../model/allocation.ts'
import type { Pod } from '../../model/kube.ts'
import { podCgroupLimits, type CgroupLimits } from './cgroup-limits.ts'

/** What of a Pod's cgroup a resize changes, as it is to be for this Pod. `cpuPeriodUs` as in `PodCgroupFacts`. */
export function podBounds(pod: Pod, cpuPeriodUs: number | undefined): PodBounds {
  return boundsOf(podCgroupLimits(pod, { cpuPeriodUs, podPidsLimit: undefined, pageSizes: [] }))
}

/** The same of what a cgroup is set to. */
export function boundsOf({ cpuShares = 0, cpuQuota, memoryBytes = 0 }: CgroupLimits): PodBounds {
  return { cpuShares, cpuQuota: Math.max(0, cpuQuota?.quotaUs ?? 0), memoryBytes: Math.max(0, memoryBytes) }
}
