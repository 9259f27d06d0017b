import type { Pod } from '../../model/kube.ts'
import { hasTerminalPhase, isCritical, isTerminating } from '../../model/pod.ts'
import type { DisruptedPod } from '../../model/pod-verdict.ts'
import { podLimitQuantities } from '../../translate/resources/pod-amounts.ts'
import { goQuote } from '../../util/go-quote.ts'
import { formatQuantity, parseQuantity, type Quantity } from '../../util/quantity.ts'
import type { DiskLayout } from '../pressure/disk-layout.ts'
import { ephemeralUse, type PodUse } from '../usage/pod-usage.ts'

/**
 * Whether a Pod may be evicted for what it has on the disk: not one that is critical or from
 * a manifest, is over or ends.
 */
export function mayBeEvicted(pod: Pod): boolean {
  return !isCritical(pod) && !isTerminating(pod) && !hasTerminalPhase(pod)
}

/** Whether a Pod, or a container of it, may take up only so much of the disk. */
export function hasStorageLimit(pod: Pod): boolean {
  return podLimit(pod) !== undefined || containerLimits(pod).size > 0
}

/**
 * What becomes of a Pod that takes up so much, by what it and its containers may (podEphemeralStorageLimitEviction and
 * containerEphemeralStorageLimitEviction in pkg/kubelet/eviction/eviction_manager.go); `undefined` for nothing. What lies on
 * a disk of images' own is not the container's to answer for, as kubelets have it. Spaces are the kubelet's.
 */
export function storageVerdict(pod: Pod, use: PodUse, layout: DiskLayout): DisruptedPod | undefined {
  const limit = podLimit(pod)
  if (limit !== undefined && ephemeralUse(use).bytes > bytesOf(limit)) {
    const message = `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. `
    return tooMuch(message, 'ephemeralpodfs.limit')
  }
  const limits = containerLimits(pod)
  for (const { name, rootfs, logs } of use.containers) {
    const most = limits.get(name)
    const used = (logs?.bytes ?? 0) + (layout === 'one' ? (rootfs?.bytes ?? 0) : 0)
    if (most === undefined || used <= bytesOf(most)) continue
    const message = `Container ${name} exceeded its local ephemeral storage limit ${goQuote(formatQuantity(most))}. `
    return tooMuch(message, 'ephemeralcontainerfs.limit')
  }
  return undefined
}

/** No condition tells of it: that it used too much is the Pod's own doing. */
export function tooMuch(message: string, signal: string): DisruptedPod {
  return { kind: 'disrupted', reason: 'Evicted', message, condition: undefined, signal }
}

/** Of all of it: the sum of its containers', of those that have one. Nought is a limit, too. */
function podLimit(pod: Pod): Quantity | undefined {
  return parseQuantity(podLimitQuantities(pod)['ephemeral-storage'] ?? '')
}

/** Those of init containers count for the Pod alone. Nought is none. */
function containerLimits({ spec }: Pod): ReadonlyMap<string, Quantity> {
  const limits = spec.containers.flatMap(({ name, resources }) => {
    const limit = parseQuantity(resources?.limits?.['ephemeral-storage'] ?? '')
    return limit === undefined || limit.nano === 0n ? [] : [[name, limit] as const]
  })
  return new Map(limits)
}

function bytesOf({ nano }: Quantity): number {
  return Number(nano) / 1e9
}
