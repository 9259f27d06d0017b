import type { ContainerSpec } from './kube.ts'

/** What a container, or a Pod as a whole, asks for and is limited to. */
export type ResourceRequirements = NonNullable<ContainerSpec['resources']>

/** What this node has given a Pod of what it asks for: the same as its spec, until somebody changes that. */
export interface PodAllocation {
  /** Of the Pod as a whole, where it says anything of that. */
  readonly pod?: ResourceRequirements
  /** Of its containers and init containers, by name; who asks for nothing is left out. */
  readonly containers: Readonly<Record<string, ResourceRequirements>>
}

/** CPU and memory of a container in numbers: thousandths of a CPU and bytes, 0 for none. */
export interface ContainerAmounts {
  readonly cpuRequest: number
  readonly cpuLimit: number
  readonly memoryRequest: number
  readonly memoryLimit: number
}

/** What a Pod may take as a whole, as its cgroup is set to it. */
export interface PodBounds {
  readonly cpuShares: number
  /** Microseconds in each period; 0 for no limit. */
  readonly cpuQuota: number
  /** 0 for no limit. */
  readonly memoryBytes: number
}

/** Both are kept as JSON: on labels in Docker, and in the file of a Pod that was resized. What is 0 is left out. */
export function formatAmounts(amounts: ContainerAmounts): string {
  return JSON.stringify(amounts, (_, value: unknown) => (value === 0 ? undefined : value))
}

/** Amounts that were kept; `undefined` for what is none. */
export function readAmounts(value: unknown): ContainerAmounts | undefined {
  if (!isObject(value)) return undefined
  const { cpuRequest = 0, cpuLimit = 0, memoryRequest = 0, memoryLimit = 0 } = value
  if (!isAmount(cpuRequest) || !isAmount(cpuLimit) || !isAmount(memoryRequest) || !isAmount(memoryLimit)) {
    return undefined
  }
  return { cpuRequest, cpuLimit, memoryRequest, memoryLimit }
}

/** An allocation that was kept; `undefined` for what is none. */
export function readAllocation(value: unknown): PodAllocation | undefined {
  if (!isObject(value) || !isObject(value['containers'])) return undefined
  const containers = Object.entries(value['containers']).map(([name, given]) => [name, readResources(given)] as const)
  const pod = value['pod'] === undefined ? undefined : readResources(value['pod'])
  if (containers.some(([, resources]) => resources === undefined)) return undefined
  return {
    ...(pod === undefined ? {} : { pod }),
    containers: Object.fromEntries(containers.flatMap(([name, resources]) => (resources ? [[name, resources]] : []))),
  }
}

/** What was kept as JSON; `undefined` for what is none. */
export function parseKept<T>(text: string, read: (value: unknown) => T | undefined): T | undefined {
  try {
    return text === '' ? undefined : read(JSON.parse(text))
  } catch {
    return undefined
  }
}

function readResources(value: unknown): ResourceRequirements | undefined {
  if (!isObject(value)) return undefined
  const { requests, limits } = value
  if (!isQuantities(requests) || !isQuantities(limits)) return undefined
  return { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) }
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isQuantities(value: unknown): value is Readonly<Record<string, string>> | undefined {
  return value === undefined || (isObject(value) && Object.values(value).every((text) => typeof text === 'string'))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
