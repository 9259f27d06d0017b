import type { EvictionThreshold } from '../../model/eviction-threshold.ts'
import { signalMeanings, type Observations } from './signals.ts'
import { margin } from './thresholds.ts'

/** How fast all Pods together may eat up memory, in bytes: what is further from its threshold than that can wait. */
const bytesPerSecond = 1024 ** 3
const shortestMs = 250

export function isOfMemory({ signal }: EvictionThreshold): boolean {
  return signalMeanings[signal].resource === 'memory'
}

/**
 * How long memory may be left alone, by how far it is from the nearest of these thresholds. Instead of the kernel's
 * notification, which a kubelet gets of a cgroup of version 1 by an eventfd: there is none to be had without native code.
 */
export function untilNextLookMs(
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
  longestMs: number,
): number {
  const margins = thresholds.flatMap((threshold) => {
    const observed = observations.get(threshold.signal)
    // What is crossed already has been seen to be.
    const left = observed === undefined ? -1 : margin(threshold, observed)
    return left < 0 ? [] : [left]
  })
  const nearest = Math.min(longestMs, ...margins.map((left) => (left / bytesPerSecond) * 1000))
  return Math.max(shortestMs, nearest)
}
