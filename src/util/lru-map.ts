/** A map that forgets the entry that was longest unused once it holds more than `capacity`. */
export class LruMap<Key, Value> {
  readonly #capacity: number
  // A Map iterates in the order of insertion: an entry that is used is put in again, so the first is the oldest.
  readonly #entries = new Map<Key, Value>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#capacity) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
