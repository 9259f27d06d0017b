import type { ProbeSpec } from './probe-spec.ts'

export interface FirstDue {
  readonly nowMs: number
  /** When the container started. */
  readonly startedAtMs: number
  /** How much later than at once, for probes that would otherwise all begin in one moment. */
  readonly spreadMs: number
}

/** When a probe is to be asked first: at once, but not before its initial delay is over. */
export function firstDueMs({ initialDelayMs }: ProbeSpec, { nowMs, startedAtMs, spreadMs }: FirstDue): number {
  return Math.max(nowMs + spreadMs, startedAtMs + initialDelayMs)
}

/**
 * When a probe is to be asked next, after the time that was due has been taken care of at `nowMs`. Like the ticks of Go's
 * ticker: always whole periods apart, so that nothing drifts; those that were missed count as one, which is due now. A
 * clock that was set back begins a new count.
 */
export function nextDueMs(dueMs: number, periodMs: number, nowMs: number): number {
  const next = dueMs + periodMs
  if (next - nowMs > periodMs) return nowMs + periodMs
  return next > nowMs ? next : dueMs + Math.floor((nowMs - dueMs) / periodMs) * periodMs
}
