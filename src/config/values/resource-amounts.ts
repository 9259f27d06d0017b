import { isRecord } from '../../util/is-record.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { decoded, refused, splitCommas, type Decoded, type ValueType } from './value-type.ts'

type Amounts = Readonly<Record<string, string>>

/** What can be kept from Pods. */
const resources: readonly string[] = ['cpu', 'memory', 'ephemeral-storage', 'pid']

/** `--system-reserved`: `cpu=500m,memory=1Gi`; in the file an object. */
export const resourceAmounts: ValueType<Amounts> = {
  hint: 'RESOURCE=QUANTITY,...',
  fromFlag: (texts) => {
    const pairs = splitCommas(texts).map((text) => text.split('=').map((part) => part.trim()))
    const odd = pairs.find((pair) => pair.length !== 2)
    if (odd !== undefined) return refused(`resource=quantity pairs, and "${odd.join('=')}" is none`)
    return check(Object.fromEntries(pairs))
  },
  fromFile: (value) => {
    if (!isRecord(value)) return refused('an object of quantities')
    const entries = Object.entries(value).map(([name, amount]) => [name, textOf(amount)] as const)
    return check(Object.fromEntries(entries))
  },
}

/** YAML reads `cpu: 1` as a number. */
function textOf(amount: unknown): string {
  return typeof amount === 'string' || typeof amount === 'number' ? String(amount) : ''
}

function check(amounts: Amounts): Decoded<Amounts> {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!resources.includes(name)) return refused(`amounts of ${resources.join(', ')}, and "${name}" is none of them`)
    const quantity = parseQuantity(amount)
    if (quantity === undefined || quantity.nano < 0n) {
      return refused(`quantities such as "500m" or "1Gi", and "${name}=${amount}" is none`)
    }
  }
  return decoded(amounts)
}
