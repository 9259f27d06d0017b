import { longestTimerMs } from '../util/longest-timer.ts'
import { nextDueMs } from './schedule.ts'

export interface ProbeLoopOptions {
  readonly periodMs: number
  /** Asks once and takes care of the answer. `false`: there is nothing more to be asked. Never rejects. */
  readonly ask: (signal: AbortSignal) => Promise<boolean>
}

/** What is not ready is asked again when its Pod is looked at, but not sooner than this after the last time. */
const hurryAfterMs = 1000

/** Asks at its times, one question after the other, until it is ended. */
export class ProbeLoop {
  readonly #options: ProbeLoopOptions
  readonly #end = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #dueMs = 0
  #lastAskedMs = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(options: ProbeLoopOptions) {
    this.#options = options
  }

  /** Asks first at `dueMs`. */
  begin(dueMs: number): void {
    if (this.#end.signal.aborted) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    const delayMs = Math.min(dueMs - Date.now(), longestTimerMs)
    const ask = (): void => {
      this.#asking = this.#ask()
    }
    if (delayMs <= 0) ask()
    else this.#timer = setTimeout(ask, delayMs)
  }

  /** Asks at once, and from then on each period anew, unless that is being done or has just been done. */
  hurry(nowMs: number): void {
    if (this.#timer === undefined || this.#lastAskedMs === Number.NEGATIVE_INFINITY) return
    if (nowMs - this.#lastAskedMs >= hurryAfterMs && this.#dueMs > nowMs) this.begin(nowMs)
  }

  /** Asks no more, and drops the answer that is still awaited. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#end.abort()
  }

  /** Resolves when nothing is being asked. */
  async settled(): Promise<void> {
    await this.#asking
  }

  async #ask(): Promise<void> {
    this.#timer = undefined
    this.#lastAskedMs = Date.now()
    const goesOn = await this.#options.ask(this.#end.signal)
    if (goesOn && !this.#end.signal.aborted) this.begin(nextDueMs(this.#dueMs, this.#options.periodMs, Date.now()))
  }
}
