/** Who wants to hear that something has changed. */
export class Listeners {
  readonly #all = new Set<() => void>()

  /** Calls `listener` at each change, until the result is disposed. */
  add(listener: () => void): Disposable {
    // Of its own, so that one function may listen twice.
    const own = (): void => listener()
    this.#all.add(own)
    return { [Symbol.dispose]: () => void this.#all.delete(own) }
  }

  tell(): void {
    for (const listener of this.#all) listener()
  }
}
