import { LruMap } from '../../util/lru-map.ts'
import { takeToken, type Rate, type TokenBucket } from '../../util/token-bucket.ts'

/** Of one kind of line about one thing: 25 at once, then one each five minutes, as of events in the API server. */
const rate: Rate = { burst: 25, perSecond: 1 / 300 }
const mostThings = 4096

interface Kept {
  readonly bucket: TokenBucket
  readonly heldBack: number
}

/**
 * What goes on and on is not told each time: a probe that fails each second would fill a disk with the agent's log. No clock
 * and no I/O.
 */
export class LogLimits {
  readonly #kept = new LruMap<string, Kept>(mostThings)

  /** How many lines like this one were held back before it; `undefined` when it is to be held back, too. */
  take(key: string, nowMs: number): number | undefined {
    const before = this.#kept.get(key)
    const { bucket, waitMs } = takeToken(before?.bucket, rate, nowMs)
    const heldBack = before?.heldBack ?? 0
    this.#kept.set(key, { bucket, heldBack: waitMs > 0 ? heldBack + 1 : 0 })
    return waitMs > 0 ? undefined : heldBack
  }
}
