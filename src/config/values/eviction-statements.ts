import { isRecord } from '../../util/is-record.ts'
import { decoded, refused, splitCommas, type ValueType } from './value-type.ts'

/** What is said of signals, by their names; whether it makes sense is for read-eviction-config to say. */
export type Statements = Readonly<Record<string, string>>

/** `memory.available<1Gi,nodefs.available<10%`; in the file an object. */
export const evictionThresholds = statements('<', 'SIGNAL<QUANTITY,...')

/** `memory.available=1m30s`; in the file an object. */
export const evictionAmounts = statements('=', 'SIGNAL=VALUE,...')

function statements(separator: '<' | '=', hint: string): ValueType<Statements> {
  return {
    hint,
    fromFlag: (texts) => {
      const items = splitCommas(texts)
      const odd = items.find((item) => !item.includes(separator))
      if (odd !== undefined) return refused(`pairs like signal${separator}value, and "${odd}" is none`)
      return decoded(Object.fromEntries(items.map((item) => pairOf(item, separator))))
    },
    fromFile: (value) => {
      if (!isRecord(value)) return refused('an object of texts')
      const entries = Object.entries(value).flatMap(([name, text]) => {
        // YAML reads `pid.available: 1000` as a number.
        const isText = typeof text === 'string' || typeof text === 'number'
        return isText ? [[name, String(text)] as const] : []
      })
      const isWhole = entries.length === Object.keys(value).length
      return isWhole ? decoded(Object.fromEntries(entries)) : refused('an object of texts')
    },
  }
}

function pairOf(item: string, separator: string): readonly [string, string] {
  const at = item.indexOf(separator)
  return [item.slice(0, at).trim(), item.slice(at + 1).trim()]
}
