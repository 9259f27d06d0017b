import type { VolumeFailure, VolumeStep } from '../model/volume-failure.ts'
import type { BackOffLimits } from './back-off.ts'

/** When a volume that could not be set up is tried again, and why it could not. */
export interface VolumeRetry {
  readonly step: VolumeStep
  readonly message: string
  readonly delayMs: number
  readonly atMs: number
}

/** By the volumes' names. Each volume has a back-off of its own: a Pod is not kept from one by the failures of another. */
export type VolumeRetries = ReadonlyMap<string, VolumeRetry>

/** Of mounting something (pkg/util/goroutinemap/exponentialbackoff). */
const mountLimits: BackOffLimits = { initialMs: 500, maxMs: 122_000 }
/**
 * Of finding out what is to be mounted: at last as rarely as a sync that failed comes again
 * in pkg/kubelet/pod_workers.go.
 */
const processLimits: BackOffLimits = { initialMs: 500, maxMs: 10_000 }

/** What is to be tried again after a set-up that left alone what is in `notTried`. */
export function retriesAfter(
  before: VolumeRetries,
  { failures, notTried }: { readonly failures: readonly VolumeFailure[]; readonly notTried: ReadonlySet<string> },
  nowMs: number,
): VolumeRetries {
  const waiting = [...before].filter(([name]) => notTried.has(name))
  const failed = failures.map((failure) => {
    return [failure.volumeName, nextRetry(before.get(failure.volumeName), failure, nowMs)] as const
  })
  return new Map([...waiting, ...failed])
}

/** The volumes whose time has not come. */
export function notYetDue(retries: VolumeRetries, nowMs: number): ReadonlySet<string> {
  return new Set([...retries].flatMap(([name, { atMs }]) => (atMs > nowMs ? name : [])))
}

/** When the first of them is due; `undefined` for none. */
export function firstRetryAtMs(retries: VolumeRetries): number | undefined {
  const times = [...retries.values()].map(({ atMs }) => atMs)
  return times.length === 0 ? undefined : Math.min(...times)
}

function nextRetry(
  before: VolumeRetry | undefined,
  { step, message }: Pick<VolumeFailure, 'step' | 'message'>,
  nowMs: number,
): VolumeRetry {
  const { initialMs, maxMs } = step === 'process' ? processLimits : mountLimits
  // Whoever has found out what there is to be mounted begins anew.
  const isFurther = (before?.step === 'process') !== (step === 'process')
  const delayMs = before === undefined || isFurther ? initialMs : Math.min(before.delayMs * 2, maxMs)
  return { step, message, delayMs, atMs: nowMs + delayMs }
}
