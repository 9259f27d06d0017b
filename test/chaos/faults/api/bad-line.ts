import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import { each, eachWatch, treatedFault } from './treated-fault.ts'

/** The way to the API server is bad: connections break, nothing comes through, or too little. */
export const badLine: readonly Fault[] = [
  {
    name: 'api-refuses-connections',
    inject: async (bed, _, signal) => {
      await using stack = new AsyncDisposableStack()
      stack.use(bed.api.refuse())
      await delay(bed.faultMs, undefined, { signal })
      return stack.move()
    },
  },
  {
    name: 'api-connections-reset',
    inject: async (bed, random, signal) => {
      const times = random.between(3, 10)
      for (let time = 0; time < times; time += 1) {
        bed.api.reset()
        await delay(bed.faultMs / times, undefined, { signal })
      }
      return mended
    },
  },
  {
    // Nobody tells of it, and it is never mended: the agent has to find out, by the ends that it asks of its watches.
    name: 'api-black-hole',
    slow: true,
    inject: async (bed) => {
      bed.api.blackHole()
      return mended
    },
  },
  treatedFault({ name: 'api-hangs', treat: each({ kind: 'hang' }), breaksWatches: true }),
  treatedFault({ name: 'api-hangs-now-and-then', treat: each({ kind: 'hang' }, 0.3), breaksWatches: true }),
  treatedFault({
    name: 'api-slow',
    treat: (random) => () => ({ kind: 'slow', delayMs: random.between(200, 3000) }),
    breaksWatches: true,
  }),
  treatedFault({ name: 'api-drips', treat: each({ kind: 'slow', delayMs: 0, drip: 40 }), breaksWatches: true }),
  treatedFault({
    name: 'api-answer-cut',
    treat: (random) => () => ({ kind: 'cut', afterBytes: random.between(1, 600) }),
    breaksWatches: true,
  }),
  treatedFault({ name: 'api-answer-lost', treat: each({ kind: 'cut', afterBytes: 0 }), breaksWatches: true }),
  treatedFault({ name: 'api-answer-lost-now-and-then', treat: each({ kind: 'cut', afterBytes: 0 }, 0.4) }),
  treatedFault({
    name: 'watch-ends-at-once',
    treat: eachWatch(() => ({ kind: 'end', lines: [] })),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'watch-cut',
    treat: (random) => eachWatch(() => ({ kind: 'cut', afterBytes: random.between(1, 4000) }))(random),
    breaksWatches: true,
  }),
]
