/**
 * Exponential back-off as a value: the crash loop of a container and the pulls of an image. The rules are those of
 * client-go's flowcontrol.Backoff as the kubelet uses it (doBackOff in pkg/kubelet/kuberuntime/kuberuntime_manager.go).
 */
export interface BackOff {
  /** How long to stay away, counted from the failure. */
  readonly delayMs: number
  /** When this delay was decided on. */
  readonly updatedAtMs: number
}

export interface BackOffLimits {
  readonly initialMs: number
  readonly maxMs: number
}

export const crashLoopLimits: BackOffLimits = { initialMs: 10_000, maxMs: 300_000 }
export const imagePullLimits: BackOffLimits = { initialMs: 10_000, maxMs: 300_000 }

/** Ten quiet minutes between a decision and the next failure, and the history is forgotten. */
export const backOffResetMs = 600_000

/** When the thing that failed at `failedAtMs` may be tried again; a time in the past means now. */
export function backOffEndsAt(current: BackOff | undefined, failedAtMs: number): number {
  if (current === undefined || isExpired(current, failedAtMs)) return failedAtMs
  return failedAtMs + current.delayMs
}

/** The back-off after another try is made at `nowMs` because of a failure at `failedAtMs`. */
export function nextBackOff(
  current: BackOff | undefined,
  failedAtMs: number,
  nowMs: number,
  limits: BackOffLimits,
): BackOff {
  const fresh = current === undefined || isExpired(current, failedAtMs)
  const delayMs = fresh ? limits.initialMs : current.delayMs * 2
  return { delayMs: Math.min(delayMs, limits.maxMs), updatedAtMs: nowMs }
}

function isExpired(backOff: BackOff, failedAtMs: number): boolean {
  return failedAtMs - backOff.updatedAtMs > backOffResetMs
}
