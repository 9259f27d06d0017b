import type { EvictionThreshold } from '../model/eviction-threshold.ts'
import type { Pod } from '../model/kube.ts'
import { isHard } from './pressure/thresholds.ts'

/** immediateEvictionGracePeriodSeconds in pkg/kubelet/eviction/eviction_manager.go. */
const immediatelySeconds = 1

/**
 * The seconds that a Pod gets to end: next to none when a hard threshold is crossed, its own when a soft one is, but no more
 * than it may and no less than a second.
 */
export function evictionGraceSeconds(pod: Pod, threshold: EvictionThreshold, mostSeconds: number): number {
  if (isHard(threshold)) return immediatelySeconds
  const own = pod.spec.terminationGracePeriodSeconds ?? mostSeconds
  return Math.max(immediatelySeconds, Math.min(mostSeconds, own))
}
