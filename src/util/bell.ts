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
  async wait(untilMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#sleep(untilMs, signal)
    this.#rung = false
  }

  async #sleep(untilMs: number | undefined, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#wake = wake
    signal.addEventListener('abort', wake, { once: true })
    const timer = untilMs === undefined ? undefined : setTimeout(wake, delayUntil(untilMs))
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
function delayUntil(untilMs: number): number {
  return Math.min(Math.max(0, untilMs - Date.now()), maxTimerMs)
}

/** A timer that is set further ahead than this fires at once. */
const maxTimerMs = 2 ** 31 - 1
