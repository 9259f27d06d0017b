import type { PullProgress } from '../../model/pull-progress.ts'

/** When the status says for the first time how far a pull is: most have come to an end by then. */
const firstShownMs = 5000
/** How often it says so after that. */
const shownEveryMs = 10_000
/**
 * When an event tells for the first time; from one to the next it takes twice as long. Events of a Pod are rationed (25,
 * then one in five minutes), and those of its start must still come through.
 */
const firstToldMs = 30_000

export interface PullReportOptions {
  /** The newest progress; called rarely, and only if it has changed. */
  readonly show: (progress: PullProgress) => void
  /** The same for an event, more rarely still. */
  readonly tell: (progress: PullProgress) => void
}

/** Between Docker, which tells of a pull's progress many times a second, and whoever is to be told now and then. */
export class PullReport implements Disposable {
  readonly #options: PullReportOptions
  #showAtMs = Date.now() + firstShownMs
  #tellAtMs = Date.now() + firstToldMs
  #tellEveryMs = firstToldMs
  #latest: PullProgress | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: PullReportOptions) {
    this.#options = options
  }

  take(progress: PullProgress): void {
    this.#latest = progress
    this.#timer ??= setTimeout(() => this.#report(), Math.max(0, this.#showAtMs - Date.now()))
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #report(): void {
    const nowMs = Date.now()
    const progress = this.#latest
    this.#timer = undefined
    this.#showAtMs = nowMs + shownEveryMs
    if (progress === undefined) return
    this.#options.show(progress)
    if (nowMs < this.#tellAtMs) return
    this.#tellEveryMs *= 2
    this.#tellAtMs = nowMs + this.#tellEveryMs
    this.#options.tell(progress)
  }
}
