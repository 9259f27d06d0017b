import type { Pod, PodStatus } from '../model/kube.ts'
import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'
import { amountQuantity } from '../translate/resources/amount-quantities.ts'
import { milliOfQuota, milliOfShares } from '../translate/resources/cpu-time.ts'
import { amountsOf, podLimitQuantities, podRequestQuantities } from '../translate/resources/pod-amounts.ts'
import type { Phase } from './phase.ts'

type Quantities = Readonly<Record<string, string>>

export interface PodResourcesFacts {
  readonly phase: Phase
  /** What the Pod's cgroup is set to; `undefined` where it has none that the agent has made. */
  readonly cgroup: CgroupLimits | undefined
}

/**
 * What the Pod as a whole was given, and what it has (convertToAPIPodLevelResourcesStatus in pkg/kubelet/kubelet_pods.go):
 * while it runs as its cgroup says, which counts CPU in shares and so is a little off now and then.
 */
export function podResources(pod: Pod, facts: PodResourcesFacts): Pick<PodStatus, 'resources' | 'allocatedResources'> {
  const given = podRequestQuantities(pod)
  const resources =
    facts.phase === 'Running' && facts.cgroup !== undefined
      ? actual(pod, given, facts.cgroup)
      : { ...listed('limits', podLimitQuantities(pod)), ...listed('requests', given) }
  return { ...listed('allocatedResources', given), resources }
}

/** The kernel's least of each: what was given no more than that has just that, whatever the kernel makes of it. */
const leastMilliCpu = 2n
const leastMilliLimit = 10n

function actual(pod: Pod, { memory }: Quantities, cgroup: CgroupLimits): NonNullable<PodStatus['resources']> {
  const { resources: asked } = pod.spec
  const cpuRequest = cgroup.cpuShares === undefined ? 0n : milliOfShares(cgroup.cpuShares)
  const cpuLimit = milliOfQuota(cgroup.cpuQuota)
  const memoryLimit = BigInt(Math.max(0, cgroup.memoryBytes ?? 0))
  const isAbove = (value: bigint, list: Quantities | undefined, least: bigint): boolean =>
    value > least || (amountsOf(list).get('cpu') ?? 0n) > least
  const requested = {
    ...(memory === undefined ? {} : { memory }),
    ...asked?.requests,
    ...(isAbove(cpuRequest, asked?.requests, leastMilliCpu) ? { cpu: amountQuantity('cpu', cpuRequest) } : {}),
  }
  const limited = {
    ...asked?.limits,
    ...(cpuLimit > 0n && isAbove(cpuLimit, asked?.limits, leastMilliLimit)
      ? { cpu: amountQuantity('cpu', cpuLimit) }
      : {}),
    ...(memoryLimit > 0n ? { memory: amountQuantity('memory', memoryLimit) } : {}),
  }
  return { ...listed('limits', limited), ...listed('requests', requested) }
}

/** An empty list is left out, as in the API. */
function listed<Name extends string>(name: Name, list: Quantities): { readonly [Key in Name]?: Quantities } {
  if (Object.keys(list).length === 0) return {}
  const entry: { [Key in Name]?: Quantities } = {}
  entry[name] = list
  return entry
}
