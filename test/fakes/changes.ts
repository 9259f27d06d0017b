/** That something has changed, for whoever waits for it. */
export class Changes {
  readonly #looks = new Set<() => void>()

  announce(): void {
    for (const look of this.#looks) look()
  }

  /**
   * Waits until `read` finds what it looks for; looks after each change. Rejects after `guardMs`:
   * that is a failure, not a wait.
   */
  async until<T>(read: () => T | undefined | false, guardMs = 5000): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const look = (): void => {
      const value = read()
      if (value !== undefined && value !== false) resolve(value)
    }
    const guard = setTimeout(
      () => reject(new Error(`Still waiting after ${guardMs} ms for ${read.toString()}`)),
      guardMs,
    )
    this.#looks.add(look)
    look()
    try {
      return await promise
    } finally {
      clearTimeout(guard)
      this.#looks.delete(look)
    }
  }
}
