/** How often something may happen: `burst` times at once, then `perSecond`. */
export interface Rate {
  readonly burst: number
  /** 0 or less: no limit. */
  readonly perSecond: number
}

/** What is left of a rate at a moment. */
export interface TokenBucket {
  readonly tokens: number
  readonly atMs: number
}

/** A token taken, or the time until there is one, in milliseconds; then nothing was taken. */
export interface TokenTaken {
  readonly bucket: TokenBucket
  readonly waitMs: number
}

/** Takes a token at `nowMs`; a bucket that isn't there yet is full. As golang.org/x/time/rate, which client-go uses. */
export function takeToken(bucket: TokenBucket | undefined, rate: Rate, nowMs: number): TokenTaken {
  const { tokens, atMs } = bucket ?? { tokens: rate.burst, atMs: nowMs }
  if (rate.perSecond <= 0) return { bucket: { tokens, atMs: nowMs }, waitMs: 0 }
  const refilled = Math.min(rate.burst, tokens + (Math.max(0, nowMs - atMs) / 1000) * rate.perSecond)
  if (refilled >= 1) return { bucket: { tokens: refilled - 1, atMs: nowMs }, waitMs: 0 }
  return { bucket: { tokens: refilled, atMs: nowMs }, waitMs: ((1 - refilled) / rate.perSecond) * 1000 }
}
