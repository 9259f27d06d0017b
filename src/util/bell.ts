import { longestTimerMs } from './longest-timer.ts'

/**
 * Wakes one waiter. A ring that comes while nobody waits is kept, so none is lost between "nothing left to do" and
 * "waiting"; rings that come together count as one.
 */
export class Bell {
  #rung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves at the next ring, at `untilMs` (epoch; undefined means never), or when `signal` fires, whichever is first. */
  wait(untilMs: number | undefined, signal: AbortSignal): Promise<void> {
    return this.waitFor(untilMs === undefined ? undefined : untilMs - Date.now(), signal)
  }

  /** The same with how long it takes at most, whatever is done to the clock; `undefined` means for ever. */
  async waitFor(limitMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#sleep(limitMs, signal)
    this.#rung = false
  }

  async #sleep(limitMs: number | undefined, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#wake = wake
    signal.addEventListener('abort', wake, { once: true })
    const timer = limitMs === undefined ? undefined : setTimeout(wake, timerMs(limitMs))
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      this.#wake = undefined
    }
  }
}

/** Of a time that is past, none: Node warns of a timer that is set into the past. */
function timerMs(limitMs: number): number {
  return Math.min(Math.max(0, limitMs), longestTimerMs)
}
