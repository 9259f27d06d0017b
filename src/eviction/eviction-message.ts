import type { EvictionSignal, EvictionThreshold } from '../model/eviction-threshold.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { initContainers } from '../model/pod.ts'
import type { DisruptedPod } from '../model/pod-verdict.ts'
import { hasPodLevel } from '../translate/resources/pod-amounts.ts'
import { bytesQuantity, formatQuantity, parseQuantity } from '../util/quantity.ts'
import { signalMeanings, type Observations, type StarvedResource } from './pressure/signals.ts'
import { crossedBy } from './pressure/thresholds.ts'
import type { ContainerUse, PodUse } from './usage/pod-usage.ts'

/** Why a Pod has to go: what was crossed, and what was seen. */
export interface Starvation {
  readonly signal: EvictionSignal
  /** All that something is to be done about, that of the signal among them. */
  readonly due: readonly EvictionThreshold[]
  readonly observations: Observations
}

/** Of what uses more than it asked for. */
interface Excess {
  readonly name: string
  readonly usage: string
  readonly request: string
}

/**
 * The end of a Pod for want of something on the node, in the kubelet's words and spaces (evictionMessage in
 * pkg/kubelet/eviction/helpers.go). `use` is what it uses, `undefined` where that is not known.
 */
export function starvationVerdict(
  pod: Pod,
  use: PodUse | undefined,
  { signal, due, observations }: Starvation,
): DisruptedPod {
  const { resource } = signalMeanings[signal]
  const crossed = crossedBy(resource, due, observations)
  const whole = use === undefined ? undefined : podExcess(pod, use, resource)
  const parts = use === undefined ? [] : containerExcesses(pod, use, resource)
  const more = (what: string, { name, usage, request }: Excess): string =>
    `${what} ${name} was using ${usage}, request is ${request}, has larger consumption of ${resource}. `
  const message = [
    `The node was low on resource: ${resource}. `,
    ...(crossed ? [`Threshold quantity: ${crossed.quantity}, available: ${crossed.available}. `] : []),
    ...(whole ? [more('Pod', whole)] : []),
    ...parts.map((part) => more('Container', part)),
  ].join('')
  const annotations = use === undefined ? {} : annotationsOf(resource, whole, parts)
  return { kind: 'disrupted', reason: 'Evicted', message, condition: message, signal, annotations }
}

function annotationsOf(
  resource: StarvedResource,
  whole: Excess | undefined,
  parts: readonly Excess[],
): Readonly<Record<string, string>> {
  return {
    ...(whole && { offending_pod: whole.name, offending_pod_usage: whole.usage }),
    offending_containers: parts.map(({ name }) => name).join(','),
    offending_containers_usage: parts.map(({ usage }) => usage).join(','),
    starved_resource: resource,
  }
}

/** Whatever it uses: only a Pod that asks for memory as a whole is named as one. */
function podExcess(pod: Pod, { memory }: PodUse, resource: StarvedResource): Excess | undefined {
  const request = pod.spec.resources?.requests?.['memory']
  if (resource !== 'memory' || !hasPodLevel(pod, 'requests', 'limits') || request === undefined) return undefined
  return memory === undefined ? undefined : { name: pod.metadata.name, usage: bytes(memory), request: printed(request) }
}

/** Ephemeral containers can't ask for anything, and are not blamed. */
function containerExcesses(pod: Pod, { containers }: PodUse, resource: StarvedResource): readonly Excess[] {
  const specs = [...pod.spec.containers, ...initContainers(pod)]
  return containers.flatMap((container) => {
    const spec = specs.find(({ name }) => name === container.name)
    const used = usedOf(container, resource)
    if (spec === undefined || used === undefined || used <= requestOf(spec, resource)) return []
    const request = printed(spec.resources?.requests?.[resource] ?? '0')
    return [{ name: container.name, usage: bytes(used), request }]
  })
}

/** A container uses no disk of which only a part is known. */
function usedOf({ memory, rootfs, logs }: ContainerUse, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return memory
  if (resource !== 'ephemeral-storage' || rootfs === undefined || logs === undefined) return undefined
  return rootfs.bytes + logs.bytes
}

function requestOf({ resources }: ContainerSpec, resource: StarvedResource): number {
  return Number(parseQuantity(resources?.requests?.[resource] ?? '0')?.nano ?? 0n) / 1e9
}

function bytes(count: number): string {
  return formatQuantity(bytesQuantity(count))
}

function printed(quantity: string): string {
  const parsed = parseQuantity(quantity)
  return parsed === undefined ? quantity : formatQuantity(parsed)
}
