import { abortable } from './abortable.ts'

/** Lets one at a time work on what a key stands for, in the order in which they came. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>()

  /**
   * Runs `work` when all that was given with this key before has ended. Throws what it throws, and `aborted` when `signal`
   * fires before it has begun: those that come later wait no less for those that came before.
   */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const own = Promise.all([before, promise]).then(() => {
      if (this.#last.get(key) === own) this.#last.delete(key)
    })
    this.#last.set(key, own)
    try {
      await (signal === undefined
        ? before
        : abortable(before, signal, `Stopped waiting for others to be done with ${key}`))
      return await work()
    } finally {
      resolve()
    }
  }
}
