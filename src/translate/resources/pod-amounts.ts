import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { initContainers, isSidecar } from '../../model/pod.ts'
import { formatQuantity, milliUnits, parseQuantity, wholeUnits, type QuantityFormat } from '../../util/quantity.ts'

/** Amounts by resource: thousandths of a CPU, bytes, pieces. What is nought is left out. */
export type Amounts = ReadonlyMap<string, bigint>

/** Billionths by resource, as quantities are kept. */
type Sums = Map<string, bigint>

type Quantities = Readonly<Record<string, string>>
type Resources = Quantities | undefined

/** Either half of what a container or a Pod says of its resources. */
type Part = 'requests' | 'limits'

/**
 * What a Pod takes of a node (PodRequests in component-helpers/resource): what its containers need together; what is asked
 * for the Pod as a whole stands instead, and its overhead comes on top.
 */
export function podRequests(pod: Pod): Amounts {
  return amounts(requestSums(pod))
}

/** Whether a Pod asks for more of one of these than it was given. */
export function asksForMore(pod: Pod, given: Pod, resources: readonly string[] = ['cpu', 'memory']): boolean {
  const [now, before] = [podRequests(pod), podRequests(given)]
  return resources.some((name) => (now.get(name) ?? 0n) > (before.get(name) ?? 0n))
}

/** The same as the API has it: nothing is rounded, and what is nought is there where somebody asks for nought. */
export function podRequestQuantities(pod: Pod): Quantities {
  return quantities(requestSums(pod), pod, 'requests')
}

/** What the containers of a Pod ask for together, whatever is asked for the Pod as a whole, and without its overhead. */
export function containerRequests(pod: Pick<Pod, 'spec'>): Amounts {
  return amounts(together(pod, 'requests').total)
}

/** The same of their limits. */
export function containerLimits(pod: Pick<Pod, 'spec'>): Amounts {
  return amounts(together(pod, 'limits').total)
}

export interface PodLimits {
  /** Overhead is added to what has a limit (PodLimits in component-helpers/resource). */
  readonly limits: Amounts
  /** Whether the Pod as a whole, or else everything that runs in it, has a limit of it: only then is the sum one. */
  readonly bounds: (resource: 'cpu' | 'memory') => boolean
}

/** How much a Pod may take at most. */
export function podLimits(pod: Pod): PodLimits {
  const { total, steps } = limitSums(pod)
  const own = nanos(pod.spec.resources?.limits)
  return {
    limits: amounts(total),
    bounds: (resource) => (own.get(resource) ?? 0n) > 0n || steps.every((step) => (step.get(resource) ?? 0n) > 0n),
  }
}

/** The limits as the API has them. */
export function podLimitQuantities(pod: Pod): Quantities {
  return quantities(limitSums(pod).total, pod, 'limits')
}

/** Whether anything is asked for, or limited, for the Pod as a whole (IsPodLevelResourcesSet, IsPodLevelRequestsSet). */
export function hasPodLevel({ spec: { resources } }: Pod, ...parts: readonly Part[]): boolean {
  return parts.some((part) => Object.keys(resources?.[part] ?? {}).some(isPodLevel))
}

/** A list of quantities as amounts. */
export function amountsOf(resources: Resources): Amounts {
  return amounts(nanos(resources))
}

/** The sum of several amounts. */
export function totalOf(all: readonly Amounts[]): Amounts {
  const total: Sums = new Map()
  for (const each of all) add(total, each)
  return total
}

function requestSums(pod: Pod): Sums {
  const sums = together(pod, 'requests').total
  setPodLevel(sums, pod, 'requests')
  add(sums, nanos(pod.spec.overhead))
  return sums
}

function limitSums(pod: Pod): ReturnType<typeof together> {
  const { total, steps } = together(pod, 'limits')
  setPodLevel(total, pod, 'limits')
  for (const [name, nano] of nanos(pod.spec.overhead)) {
    const limit = total.get(name) ?? 0n
    if (limit > 0n) total.set(name, limit + nano)
  }
  return { total, steps }
}

/** Each written as what stands first in the Pod, as the API server's sums are. */
function quantities(sums: Sums, { spec }: Pod, part: Part): Quantities {
  const { resources, containers, initContainers: init = [], overhead = {} } = spec
  const lists = [resources, ...[...containers, ...init].map((container) => container.resources)].map(
    (each) => each?.[part],
  )
  const format = (name: string): QuantityFormat => {
    const first = [...lists, overhead].map((list) => parseQuantity(list?.[name] ?? '')).find((each) => each?.nano)
    return first?.format ?? 'decimal'
  }
  return Object.fromEntries([...sums].map(([name, nano]) => [name, formatQuantity({ nano, format: format(name) })]))
}

/**
 * The sum of the containers and sidecars, or what an init container needs beside the sidecars before it, whichever is
 * more. `steps` are those needs one by one, and the containers: a sidecar's are its own and those of the sidecars before it.
 */
function together(pod: Pick<Pod, 'spec'>, part: Part): { readonly total: Sums; readonly steps: readonly Sums[] } {
  const own = ({ resources }: ContainerSpec): Sums => nanos(resources?.[part])
  const steps: Sums[] = []
  const total: Sums = new Map()
  for (const container of pod.spec.containers) {
    add(total, own(container))
    steps.push(own(container))
  }
  const besides: Sums = new Map()
  const starting: Sums = new Map()
  for (const container of initContainers(pod)) {
    const needed = new Map(besides)
    add(needed, own(container))
    raise(starting, needed)
    steps.push(needed)
    if (!isSidecar(container)) continue
    add(total, own(container))
    add(besides, own(container))
  }
  raise(total, starting)
  return { total, steps }
}

function setPodLevel(sums: Sums, { spec: { resources } }: Pod, part: Part): void {
  for (const [name, amount] of nanos(resources?.[part])) if (isPodLevel(name)) sums.set(name, amount)
}

/** The resources that a Pod may ask for as a whole (IsSupportedPodLevelResource). */
export function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

/** What is no quantity is nobody's to count: the API server and the manifest's check let none pass. */
function nanos(resources: Resources): Sums {
  const entries = Object.entries(resources ?? {})
  return new Map(entries.map(([name, text]) => [name, parseQuantity(text)?.nano ?? 0n]))
}

function amounts(sums: Sums): Amounts {
  const rounded = [...sums].map(([name, nano]) => {
    const quantity = { nano, format: 'decimal' } as const
    return [name, name === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity)] as const
  })
  return new Map(rounded.filter(([, amount]) => amount !== 0n))
}

function add(sums: Sums, more: Amounts): void {
  for (const [name, amount] of more) sums.set(name, (sums.get(name) ?? 0n) + amount)
}

function raise(sums: Sums, least: Amounts): void {
  for (const [name, amount] of least) if (amount > (sums.get(name) ?? 0n)) sums.set(name, amount)
}
