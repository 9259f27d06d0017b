import { Readable } from 'node:stream'

/** What is kept of an output that nobody reads at the moment; no more is then taken from Docker. */
const keptBytes = 64 * 1024

/** One output of a session, which says when it has room for more. */
export class SessionOutput extends Readable {
  #wanted: (() => void) | undefined

  constructor() {
    super({ highWaterMark: keptBytes })
    // An error is seen by the reader; one that comes while nobody reads must not end the process.
    this.on('error', () => {})
  }

  /** Hands on some bytes; resolves when there is room for more, at once where nobody reads any more. */
  async give(payload: Buffer): Promise<void> {
    if (this.destroyed || this.push(payload)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wanted = resolve
    await promise
  }

  /** There is no more, because of `error` if there is one. */
  over(error?: Error): void {
    if (error === undefined) this.push(null)
    else this.destroy(error)
  }

  override _read(): void {
    this.#wanted?.()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wanted?.()
    callback(error)
  }
}
