import fc from 'fast-check'

/**
 * Everything that is left to chance while something is tried, as a list of numbers in [0, 1) that is read from the start.
 * Behind its end each choice is the dullest: so a shorter list, or one of smaller numbers, is a simpler course of things,
 * and fast-check finds the simplest in which something still goes wrong.
 */
export class Choices {
  readonly #tape: readonly number[]
  #at = 0

  constructor(tape: readonly number[]) {
    this.#tape = tape
  }

  /** A whole number below `limit`; the dullest is 0. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  /** The dullest is that it does not happen. */
  chance(probability: number): boolean {
    return this.#next() > 1 - probability
  }

  /** One of them, the first if nothing else is said; `undefined` only of none. */
  pick<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)]
  }

  shuffled<T>(values: readonly T[]): readonly T[] {
    return values
      .map((value) => ({ value, key: this.#next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ value }) => value)
  }

  #next(): number {
    const next = this.#tape[this.#at] ?? 0
    this.#at += 1
    return next
  }
}

const granularity = 1024

/** More choices than a course of things takes, nearly always. */
export const anyChoices: fc.Arbitrary<readonly number[]> = fc
  .array(fc.nat(granularity - 1), { maxLength: 300, size: 'max' })
  .map((numbers) => numbers.map((number) => number / granularity))
