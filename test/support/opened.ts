import { after } from 'node:test'

/**
 * What a file of tests has opened, or a suite: it is closed when their tests are over, the last first, each whatever becomes
 * of the others. (Several `after` hooks run from the first on, and end with one that fails.)
 */
export class Opened {
  readonly #stack = new AsyncDisposableStack()

  constructor() {
    after(() => this.#stack.disposeAsync())
  }

  /**
   * What is being opened, once it is. Where that fails all that was opened before is closed at once: a file that fails while
   * it is read has no hook run.
   */
  async open<T extends AsyncDisposable | Disposable>(opening: Promise<T> | T): Promise<T> {
    try {
      const opened = await opening
      if (!this.#stack.disposed) return this.#stack.use(opened)
      await using late = new AsyncDisposableStack()
      late.use(opened)
      throw new Error('What was opened beside it could not be')
    } catch (error) {
      await this.#stack.disposeAsync().catch((fault: unknown) => {
        throw new SuppressedError(fault, error)
      })
      throw error
    }
  }

  /** Has this done in the end, before what was opened up to now is closed. */
  defer(close: () => unknown): void {
    this.#stack.defer(async () => void (await close()))
  }
}
