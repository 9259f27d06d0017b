import { parseArgs } from 'node:util'
import fc from 'fast-check'

/** The same runs each time, so that a change that is landed fails for what it does and not for its luck. */
const usualSeed = 20_261_127
export interface Property<T> {
  readonly values: fc.Arbitrary<T>
  /** Throws where the property does not hold. */
  readonly holds: (value: T) => Promise<void> | void
  readonly usualRuns: number
  /** How much is tried to make a counter-example shorter: one that takes long to try is not to be shortened for minutes. */
  readonly shrinkTries: number
}

/**
 * Tries a property on many values, and throws with the shortest counter-example that was found, and how to try that again.
 * `npm run model -- --runs 5000` looks for trouble with another seed each time; `--seed` and `--path` try once more what
 * was found.
 */
export async function holdsForAll<T>({ values, holds, usualRuns, shrinkTries }: Property<T>): Promise<void> {
  let triesSinceFailure: number | undefined
  const property = fc.asyncProperty(values, async (value) => {
    if (triesSinceFailure !== undefined && triesSinceFailure++ >= shrinkTries) return
    try {
      await holds(value)
    } catch (error) {
      triesSinceFailure ??= 0
      throw error
    }
  })
  await fc.assert(property, howToRun<[T]>(usualRuns))
}

function howToRun<T>(usualRuns: number): fc.Parameters<T> {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
    strict: false,
  })
  const { runs, seed, path } = values
  const isHunt = typeof runs === 'string'
  return {
    numRuns: isHunt ? Number(runs) : usualRuns,
    ...(typeof seed === 'string' ? { seed: Number(seed) } : isHunt ? {} : { seed: usualSeed }),
    ...(typeof path === 'string' ? { path } : {}),
  }
}
