import { longestTimerMs } from '../../util/longest-timer.ts'

/** Calls once when nothing has restarted it for so long. */
export class IdleTimer {
  readonly #idleMs: number
  readonly #expired: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(idleMs: number, expired: () => void) {
    this.#idleMs = Math.min(idleMs, longestTimerMs)
    this.#expired = expired
    this.restart()
  }

  restart(): void {
    clearTimeout(this.#timer)
    // A connection that lies idle keeps no process alive.
    this.#timer = setTimeout(this.#expired, this.#idleMs).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
