import type { ContainerAmounts, ResourceRequirements } from '../model/allocation.ts'
import type { ContainerSpec, ContainerStatus } from '../model/kube.ts'
import type { ActualResources, ObservedContainer } from '../model/observed.ts'
import {
  bytesQuantity,
  formatQuantity,
  milliUnits,
  parseQuantity,
  wholeUnits,
  type Quantity,
} from '../util/quantity.ts'

/** Below these the kernel tells amounts apart no more: then what was given is shown. */
const leastMilliCpuRequest = 2
const leastMilliCpuLimit = 10

const nanoPerMilli = 1_000_000n

type Quantities = Readonly<Record<string, string>>

/**
 * What a container's status says of its resources (convertContainerStatusResources in pkg/kubelet/kubelet_pods.go): what it
 * was given, and while it runs what Docker lets it have. `amounts`: what it has been given in fact, as far as is known.
 */
export function resourcesStatus(
  { resources: given = {} }: ContainerSpec,
  newest: ObservedContainer,
  amounts: ContainerAmounts | undefined,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const allocated = isEmpty(given.requests) ? {} : { allocatedResources: given.requests }
  if (newest.state.phase !== 'running' || amounts === undefined) return { ...allocated, resources: halves(given) }
  const actual = newest.resources
  return {
    ...allocated,
    resources: halves({
      // Where nothing is limited, that of the Pod as a whole is not the container's to show.
      limits: isEmpty(given.limits)
        ? undefined
        : {
            ...given.limits,
            ...cpu(given.limits, milliLimit(actual), leastMilliCpuLimit),
            ...memory(given.limits, actual.memoryBytes),
          },
      requests: isEmpty(given.requests)
        ? undefined
        : {
            ...given.requests,
            ...cpu(given.requests, milliRequest(actual.cpuShares), leastMilliCpuRequest),
            ...memory(given.requests, amounts.memoryRequest),
          },
    }),
  }
}

/** What was said of an instance whose record is gone. */
export function toldResources(previous: ContainerStatus | undefined): ReturnType<typeof resourcesStatus> {
  const { resources, allocatedResources } = previous ?? {}
  return {
    ...(allocatedResources === undefined ? {} : { allocatedResources }),
    ...(resources === undefined ? {} : { resources }),
  }
}

interface Halves {
  readonly limits?: Quantities | undefined
  readonly requests?: Quantities | undefined
}

/** How many thousandths of a CPU these shares are, rounded up: the way back from `cpuShares`. */
function milliRequest(shares: number): number {
  return Math.ceil((shares * 1000) / 1024)
}

function milliLimit({ cpuQuota, cpuPeriod }: ActualResources): number {
  return cpuQuota === 0 || cpuPeriod === 0 ? 0 : Math.round((cpuQuota * 1000) / cpuPeriod)
}

/** What is as it was given is shown as it was written there, however exactly; what is not known, not at all. */
function cpu(given: Quantities, milli: number, least: number): { readonly cpu?: string } {
  if (milli === 0) return {}
  const written = Number(milliUnits(parseQuantity(given['cpu'] ?? '0') ?? nothing))
  if (milli !== written && (milli > least || written > least)) {
    return { cpu: formatQuantity({ nano: BigInt(milli) * nanoPerMilli, format: 'decimal' }) }
  }
  return given['cpu'] === undefined ? {} : { cpu: given['cpu'] }
}

function memory(given: Quantities, bytes: number): { readonly memory?: string } {
  if (bytes === 0) return {}
  const written = given['memory'] ?? '0'
  const isSame = wholeUnits(parseQuantity(written) ?? nothing) === BigInt(bytes)
  return { memory: isSame ? written : formatQuantity(bytesQuantity(bytes)) }
}

const nothing: Quantity = { nano: 0n, format: 'decimal' }

/** Without a half that says nothing. */
function halves({ limits, requests }: Halves): ResourceRequirements {
  return { ...(isEmpty(limits) ? {} : { limits }), ...(isEmpty(requests) ? {} : { requests }) }
}

function isEmpty(list: Quantities | undefined): list is undefined {
  return Object.keys(list ?? {}).length === 0
}
