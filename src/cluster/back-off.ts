import { setTimeout } from 'node:timers/promises'
import { KubeletError } from '../model/errors.ts'

/** The delays between tries at the API server: `initialMs`, doubled for each failure in a row up to `maxMs`. */
export interface BackOffLimits {
  readonly initialMs: number
  readonly maxMs: number
}

/** As client-go's reflector (tools/cache/reflector.go), but from a shorter start: a restarted API server is back soon. */
export const defaultBackOff: BackOffLimits = { initialMs: 200, maxMs: 30_000 }

/**
 * How long to stay away after the `failures`th failure in a row, in milliseconds. Between half and all of the
 * exponential delay, so that nodes don't come back in step after an outage of the server; never less than the server
 * asked for with Retry-After. `random` is in [0, 1).
 */
export function backOffMs(failures: number, error: KubeletError, limits: BackOffLimits, random: number): number {
  const exponential = Math.min(limits.maxMs, limits.initialMs * 2 ** Math.max(0, failures - 1))
  const asked = (error.retryAfterSeconds ?? 0) * 1000
  return Math.max(exponential * (0.5 + random / 2), asked)
}

/** Waits; resolves, and doesn't throw, when `signal` fires, so that a loop asks only its own condition. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    if (!KubeletError.is(KubeletError.from(error), 'aborted')) throw error
  }
}
