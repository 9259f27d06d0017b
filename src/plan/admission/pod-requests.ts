import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { initContainers, isSidecar } from '../../model/pod.ts'
import { milliUnits, parseQuantity, wholeUnits } from '../../util/quantity.ts'

/** Amounts by resource: thousandths of a CPU, bytes, pieces. What is nought is left out. */
export type Amounts = ReadonlyMap<string, bigint>

/** Billionths by resource, as quantities are kept. */
type Sums = Map<string, bigint>

type Resources = Readonly<Record<string, string>> | undefined

/**
 * What a Pod takes of a node (PodRequests in component-helpers/resource): the sum of its containers and sidecars, or what
 * an init container needs beside the sidecars before it, whichever is more; what is asked for the Pod as a whole stands
 * instead, and its overhead comes on top.
 */
export function podRequests(pod: Pod): Amounts {
  const sums = containerRequests(pod)
  for (const [name, amount] of nanos(pod.spec.resources?.requests)) if (isPodLevel(name)) sums.set(name, amount)
  add(sums, nanos(pod.spec.overhead))
  return amounts(sums)
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

function containerRequests(pod: Pod): Sums {
  const running: Sums = new Map()
  for (const container of pod.spec.containers) add(running, requestsOf(container))
  const besides: Sums = new Map()
  const starting: Sums = new Map()
  for (const container of initContainers(pod)) {
    const needed = new Map(besides)
    add(needed, requestsOf(container))
    raise(starting, needed)
    if (!isSidecar(container)) continue
    add(running, requestsOf(container))
    add(besides, requestsOf(container))
  }
  raise(running, starting)
  return running
}

function requestsOf({ resources }: ContainerSpec): Sums {
  return nanos(resources?.requests)
}

/** The resources that a Pod may ask for as a whole (IsSupportedPodLevelResource). */
function isPodLevel(name: string): boolean {
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
