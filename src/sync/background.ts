/**
 * What goes on for a Pod between its passes: pulls, hooks, containers on their way to their end. It ends with the Pod's
 * worker, which waits for it, so nothing goes on behind anybody's back.
 */
export class Background {
  readonly #works = new Set<Promise<void>>()
  readonly #end = new AbortController()
  readonly #signal: AbortSignal
  readonly #onFault: (error: unknown) => void

  /** `signal` ends everything at once; `onFault` gets what a work throws against its promise. */
  constructor(signal: AbortSignal, onFault: (error: unknown) => void) {
    this.#signal = AbortSignal.any([signal, this.#end.signal])
    this.#onFault = onFault
  }

  /** Begins a work that reports its own failures; it gets a signal to end at, its own or that of all. */
  begin(work: (signal: AbortSignal) => Promise<void>, own?: AbortSignal): void {
    const signal = own === undefined ? this.#signal : AbortSignal.any([own, this.#signal])
    const done = work(signal)
      .catch(this.#onFault)
      .finally(() => this.#works.delete(done))
    this.#works.add(done)
  }

  /** Ends everything, and resolves when it has ended. */
  async end(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#works)
  }
}
