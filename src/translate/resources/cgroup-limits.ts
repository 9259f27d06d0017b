import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { qosClass } from '../qos-class.ts'
import { cpuQuota, cpuShares } from './cpu-time.ts'
import { amountsOf, hasPodLevel, podLimits, podRequests, type Amounts } from './pod-amounts.ts'

/** What a cgroup is set to; what is left out stays as it is. */
export interface CgroupLimits {
  readonly cpuShares?: number
  /** Microseconds in each period of so many; −1 for no limit. */
  readonly cpuQuota?: { readonly quotaUs: number; readonly periodUs: number }
  /** −1 for no limit; nought is none that could be set. */
  readonly memoryBytes?: number
  readonly pids?: number
  /** Bytes of huge pages by size as a quantity names it, `2Mi`. */
  readonly hugePages?: ReadonlyMap<string, number>
}

export interface PodCgroupFacts {
  /** Microseconds; `undefined` where limits of CPU are not enforced. */
  readonly cpuPeriodUs: number | undefined
  /** `podPidsLimit`; `undefined` for no limit. */
  readonly podPidsLimit: number | undefined
  /** The sizes of huge pages that the kernel has: of those that a Pod does not ask for it gets none. */
  readonly pageSizes: readonly string[]
}

const unlimited = -1

/**
 * What the cgroup of a Pod is set to (ResourceConfigForPod in pkg/kubelet/cm/helpers_linux.go): the sums of its
 * containers, or what is asked for the Pod as a whole, with its overhead. A sum of limits bounds the Pod only where
 * everything in it has one.
 */
export function podCgroupLimits(pod: Pod, { cpuPeriodUs, podPidsLimit, pageSizes }: PodCgroupFacts): CgroupLimits {
  const requests = podRequests(pod)
  const common = {
    ...(podPidsLimit === undefined ? {} : { pids: podPidsLimit }),
    hugePages: hugePageLimits(requests, pageSizes),
  }
  const qos = qosClass(pod)
  if (qos === 'BestEffort') return { cpuShares: cpuShares(0n), ...common }
  const { limits, bounds } = podLimits(pod)
  const isBound = (resource: 'cpu' | 'memory'): boolean => qos === 'Guaranteed' || bounds(resource)
  const cpu = limits.get('cpu') ?? 0n
  return {
    cpuShares: cpuShares(requests.get('cpu') ?? 0n),
    ...(isBound('cpu')
      ? {
          cpuQuota:
            cpuPeriodUs === undefined
              ? { quotaUs: unlimited, periodUs: usualPeriodUs }
              : { quotaUs: cpuQuota(cpu, cpuPeriodUs), periodUs: cpuPeriodUs },
        }
      : {}),
    ...(isBound('memory') ? { memoryBytes: Number(limits.get('memory') ?? 0n) } : {}),
    ...common,
  }
}

/** The kernel's. */
const usualPeriodUs = 100_000

/** What a list of quantities bounds a cgroup to: the node's allocatable, or what is reserved (getCgroupConfigInternal). */
export function listedLimits(
  list: Readonly<Record<string, string>>,
  pageSizes: readonly string[],
  only: 'all' | 'cpu' = 'all',
): CgroupLimits {
  const amounts = amountsOf(list)
  const cpu = list['cpu'] === undefined ? {} : { cpuShares: cpuShares(amounts.get('cpu') ?? 0n) }
  if (only === 'cpu') return cpu
  return {
    ...cpu,
    ...(list['memory'] === undefined ? {} : { memoryBytes: Number(amounts.get('memory') ?? 0n) }),
    ...(list['pid'] === undefined ? {} : { pids: Number(amounts.get('pid') ?? 0n) }),
    hugePages: hugePageLimits(amounts, pageSizes),
  }
}

/** Any amount: the classes share what all Pods may have. */
export function unboundedHugePages(pageSizes: readonly string[]): ReadonlyMap<string, number> {
  return new Map(pageSizes.map((size) => [size, 2 ** 62]))
}

/**
 * The huge pages that a container may have, which Docker cannot be told (GetHugepageLimitsFromResources in
 * pkg/kubelet/kuberuntime/kuberuntime_container_linux.go); `undefined` where its Pod has none to share.
 */
export function containerHugePages(
  pod: Pod,
  { resources }: ContainerSpec,
  pageSizes: readonly string[],
): ReadonlyMap<string, number> | undefined {
  if (![...podRequests(pod).keys()].some(isHugePage)) return undefined
  const ofPod = hasPodLevel(pod, 'requests', 'limits') ? amountsOf(pod.spec.resources?.limits) : []
  return hugePageLimits(new Map([...ofPod, ...amountsOf(resources?.limits)]), pageSizes)
}

function hugePageLimits(amounts: Amounts, pageSizes: readonly string[]): ReadonlyMap<string, number> {
  return new Map(pageSizes.map((size) => [size, Number(amounts.get(`${hugePagePrefix}${size}`) ?? 0n)]))
}

const hugePagePrefix = 'hugepages-'

function isHugePage(name: string): boolean {
  return name.startsWith(hugePagePrefix)
}
