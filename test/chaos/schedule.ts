/** Which fault comes in which round. Pure. */
import type { Fault } from './fault.ts'
import { Random } from './random.ts'

export interface ScheduledRound {
  /** All that happens in the round follows from it. */
  readonly seed: number
  readonly fault: Fault
}

/**
 * Every fault in turn, in an order that the seed gives, and again. The seeds of rounds count up from the first one, so that
 * a single round is played again by its own seed and the name of its fault.
 */
export function schedule(faults: readonly Fault[], rounds: number, seed: number): readonly ScheduledRound[] {
  const order = new Random(seed).shuffled(faults)
  return Array.from({ length: rounds }, (_, index) => {
    const fault = order[index % order.length]
    if (fault === undefined) throw new RangeError('There is no fault to choose from')
    return { seed: seed + index, fault }
  })
}

/** Those whose names begin with one of the words. Throws for a word that no name begins with. */
export function chosenFaults(faults: readonly Fault[], words: readonly string[]): readonly Fault[] {
  return words.flatMap((word) => {
    const exact = faults.filter(({ name }) => name === word)
    const chosen = exact.length > 0 ? exact : faults.filter(({ name }) => name.startsWith(word))
    if (chosen.length > 0) return chosen
    throw new RangeError(`--fault "${word}": no fault is called so, see --list`)
  })
}
