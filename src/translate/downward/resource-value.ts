import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { initContainers } from '../../model/pod.ts'
import { milliUnits, parseQuantity, wholeUnits, type Quantity } from '../../util/quantity.ts'

/** A limit or a request of a container, as a variable or a file names it. */
export interface ResourceRef {
  /** Default: the container itself. */
  readonly containerName?: string
  /** As in `limits.cpu`. */
  readonly resource: string
  /** What the amount is counted in; default: 1. */
  readonly divisor?: string
}

/** Quantities by resource. */
export type Quantities = Readonly<Record<string, string>>

/** What a container without a limit of its own may use, in the end. */
const defaulted: readonly string[] = ['cpu', 'memory', 'ephemeral-storage']

/**
 * An amount in whole divisors, rounded up (pkg/api/v1/resource). A limit that is not there is the Pod's, where that has
 * one, else what the node has to give; for init containers only where they speak of themselves, which is how the kubelet
 * has it (defaultPodLimitsForDownwardAPI in pkg/kubelet/kubelet_resources.go). Throws `invalid` for what is no resource.
 */
export function resourceValue(ref: ResourceRef, pod: Pod, container: ContainerSpec, allocatable: Quantities): string {
  const named = ref.containerName ? containerNamed(pod, ref.containerName) : container
  const isDefaulted = !ref.containerName || pod.spec.containers.includes(named)
  return amountIn(ref, named, (name) => (isDefaulted ? defaultLimit(pod, name, allocatable) : undefined))
}

/**
 * The same for a file in a volume, which always names its container: there the limit that is not there is the node's,
 * whatever the Pod's (ExtractResourceValueByContainerNameAndNodeAllocatable in pkg/api/v1/resource).
 */
export function fileResourceValue(ref: ResourceRef, pod: Pod, allocatable: Quantities): string {
  const named = containerNamed(pod, ref.containerName ?? '')
  return amountIn(ref, named, (name) => (defaulted.includes(name) ? allocatable[name] : undefined))
}

function amountIn(
  ref: ResourceRef,
  { resources }: ContainerSpec,
  defaultLimitOf: (name: string) => string | undefined,
): string {
  const [, part = '', name = ''] =
    /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.*)$/u.exec(ref.resource) ?? []
  if (name === '') throw new KubeletError('invalid', `unsupported container resource : ${ref.resource}`)
  const { limits, requests } = resources ?? {}
  const own = something((part === 'limits' ? limits : requests)?.[name])
  const amount = part === 'limits' ? (own ?? defaultLimitOf(name)) : own
  const units = name === 'cpu' ? milliUnits : wholeUnits
  return String(divideUp(units(quantity(amount ?? '0')), units(quantity(something(ref.divisor) ?? '1'))))
}

function containerNamed(pod: Pod, name: string): ContainerSpec {
  const found = [...pod.spec.containers, ...initContainers(pod)].find((container) => container.name === name)
  if (found === undefined) throw new KubeletError('invalid', `container ${name} not found`)
  return found
}

/** A Pod as a whole can be limited in CPU and memory, of what the node has at all. */
function defaultLimit({ spec }: Pod, name: string, allocatable: Quantities): string | undefined {
  if (!defaulted.includes(name)) return undefined
  const ofNode = allocatable[name]
  const ofPod = name === 'ephemeral-storage' ? undefined : something(spec.resources?.limits?.[name])
  return ofNode === undefined ? undefined : (ofPod ?? ofNode)
}

/** Nought is as good as nothing. */
function something(text: string | undefined): string | undefined {
  return text !== undefined && quantity(text).nano !== 0n ? text : undefined
}

/** What is no quantity is nought: the API server and the manifest's check let none pass. */
function quantity(text: string): Quantity {
  return parseQuantity(text) ?? { nano: 0n, format: 'decimal' }
}

function divideUp(amount: bigint, divisor: bigint): bigint {
  return divisor === 0n ? amount : (amount + divisor - 1n) / divisor
}
