import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../../fault.ts'
import { bookmarkLine, errorLine } from './api-treatment.ts'
import { eachWatch, treatedFault } from './treated-fault.ts'

/** The API server tells things twice, or as they were some time ago: another one that lags behind, say. */
export const watchClock: readonly Fault[] = [
  treatedFault({
    name: 'watch-tells-twice',
    treat: eachWatch(() => ({ kind: 'lines', map: (line) => [line, line] })),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'watch-goes-back',
    treat: (random) => {
      const told: string[] = []
      // A deletion is true for ever; what else was told before is not.
      const again = (): readonly string[] => (told.length === 0 ? [] : [random.pick(told)])
      return eachWatch(() => ({
        kind: 'lines',
        first: [bookmarkLine('1')],
        map: (line) => {
          const lines = [line, ...again(), bookmarkLine('1')]
          told.push(line)
          return lines
        },
      }))(random)
    },
    breaksWatches: true,
  }),
  {
    name: 'list-goes-back',
    inject: async (bed, _, signal) => {
      const path = `/api/v1/pods?fieldSelector=spec.nodeName=${bed.cluster.name}`
      const old = JSON.stringify(await bed.cluster.ask('GET', path, signal))
      await delay(bed.faultMs / 2, undefined, { signal })
      await using stack = new AsyncDisposableStack()
      const tooOld = errorLine(410, 'Expired', 'too old resource version')
      // The watches end once for all, so that everybody lists; and the lists are from before.
      const lists = bed.api.use(({ kind }) => {
        if (kind === 'watch-pods') return { kind: 'end', lines: [tooOld] }
        if (kind !== 'list-pods') return { kind: 'pass' }
        return { kind: 'answer', answer: { status: 200, headers: { 'content-type': 'application/json' }, body: old } }
      })
      stack.use(lists)
      bed.api.reset()
      await delay(bed.faultMs / 2, undefined, { signal })
      return stack.move()
    },
  },
]
