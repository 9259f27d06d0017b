/** What one side pushes at any time and the other reads in order. */
export class EventQueue<T> {
  readonly #waiting: T[] = []
  #wake = Promise.withResolvers<void>()

  push(item: T): void {
    this.#waiting.push(item)
    this.#wake.resolve()
  }

  /** Every item that was and will be pushed, until `signal` fires. */
  async *read(signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const wake = (): void => this.#wake.resolve()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const item = this.#waiting.shift()
        if (item !== undefined) {
          yield item
          continue
        }
        await this.#wake.promise
        this.#wake = Promise.withResolvers()
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
