import { isRecord } from '../../util/is-record.ts'
import { decoded, refused, type ValueType } from './value-type.ts'

/** How long Pods have to end when the machine shuts down, from a priority up to that of the next entry. */
export interface PriorityPeriod {
  readonly priority: number
  readonly seconds: number
}

const expected = 'a list of { priority: NUMBER, shutdownGracePeriodSeconds: NUMBER }'

/** `shutdownGracePeriodByPodPriority`, which only the file has. */
export const podPriorityPeriods: ValueType<readonly PriorityPeriod[]> = {
  hint: 'PRIORITY=SECONDS,...',
  fromFlag: () => refused(expected),
  fromFile: (value) => {
    if (!Array.isArray(value)) return refused(expected)
    const periods = value.map(readPeriod)
    const read = periods.filter((period) => period !== undefined)
    return read.length === periods.length ? decoded(read) : refused(expected)
  },
}

function readPeriod(entry: unknown): PriorityPeriod | undefined {
  if (!isRecord(entry)) return undefined
  const { priority = 0, shutdownGracePeriodSeconds: seconds = 0, ...rest } = entry
  const isPeriod = isWhole(priority) && isWhole(seconds) && Object.keys(rest).length === 0
  return isPeriod ? { priority, seconds } : undefined
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}
