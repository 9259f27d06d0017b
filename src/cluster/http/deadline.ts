/**
 * A time limit on top of a caller's signal. `AbortSignal.any([signal, AbortSignal.timeout(ms)])` would do, but neither
 * its timer nor its hold on a signal that lives as long as the agent ends with the request: this one is disposed.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #parent: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #follow = (): void => this.#controller.abort(this.#parent.reason)
  #expired = false

  /** Fires its own signal when `parent` fires or after `limitMs`, whichever is first. */
  constructor(limitMs: number, parent: AbortSignal) {
    this.#parent = parent
    this.#timer = setTimeout(() => {
      this.#expired = true
      this.#controller.abort()
    }, limitMs)
    if (parent.aborted) this.#follow()
    else parent.addEventListener('abort', this.#follow, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** True when it was the time limit that fired, not the caller's signal. */
  get expired(): boolean {
    return this.#expired
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#parent.removeEventListener('abort', this.#follow)
  }
}
