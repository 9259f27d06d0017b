/** Chance that a seed gives: the same seed, the same answers in the same order, on every machine. */
export class Random {
  #state: number

  /** @param seed Any whole number; its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1. SplitMix32: neighbouring seeds have nothing in common. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** True in so many of cases, 0 to 1. */
  chance(share: number): boolean {
    return this.next() < share
  }

  /** One of a list. Throws for an empty one. */
  pick<T>(list: readonly T[]): T {
    const picked = list.slice(this.between(0, list.length - 1)).slice(0, 1)
    for (const item of picked) return item
    throw new RangeError('There is nothing to pick from')
  }

  /** The list in another order. */
  shuffled<T>(list: readonly T[]): readonly T[] {
    const keyed = list.map((item) => ({ item, key: this.next() }))
    return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item)
  }

  /** Another one: how often it is asked changes nothing for whoever asks this one. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32))
  }
}
