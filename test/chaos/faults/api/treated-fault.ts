import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../../fault.ts'
import type { Random } from '../../random.ts'
import { isWatch, type ApiCall } from './api-calls.ts'
import type { ApiTreatment, Treat } from './api-treatment.ts'

export interface TreatedFault {
  readonly name: string
  readonly slow?: boolean
  /** The way of all requests while it lasts. */
  readonly treat: (random: Random) => Treat
  /** The watches that stand are broken as it begins, so that it concerns those, too. */
  readonly breaksWatches?: boolean
}

/** A fault that lasts, of the requests between the agent and the API server. */
export function treatedFault({ name, slow, treat, breaksWatches = false }: TreatedFault): Fault {
  return {
    name,
    ...(slow === undefined ? {} : { slow }),
    inject: async (bed, random, signal) => {
      await using stack = new AsyncDisposableStack()
      stack.use(bed.api.use(treat(random)))
      if (breaksWatches) bed.api.reset()
      await delay(bed.faultMs, undefined, { signal })
      return stack.move()
    },
  }
}

/** All requests, or a share of them, are treated like this. */
export function each(treatment: ApiTreatment, share = 1): TreatedFault['treat'] {
  return (random) => () => (share === 1 || random.chance(share) ? treatment : { kind: 'pass' })
}

/** All watches are; anything else goes through. */
export function eachWatch(treat: (call: ApiCall) => ApiTreatment): TreatedFault['treat'] {
  return () => (call) => (isWatch(call) ? treat(call) : { kind: 'pass' })
}
