/** Lets one at a time work on what a key stands for, in the order in which they came. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `work` when all that was given with this key before has ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(key, promise)
    try {
      await before
      return await work()
    } finally {
      resolve()
      if (this.#last.get(key) === promise) this.#last.delete(key)
    }
  }
}
