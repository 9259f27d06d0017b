import { formatQuantity } from '../../util/quantity.ts'
import type { Amounts } from './pod-amounts.ts'

const nanoPerUnit = 1_000_000_000n
const nanoPerMilli = 1_000_000n

/** Amounts as the API writes them. Bytes are counted with Ki, Mi and Gi, whatever they were asked for with. */
export function amountQuantities(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amountQuantity(name, amount)]))
}

/** One of them: thousandths of a CPU, bytes, pieces. */
export function amountQuantity(name: string, amount: bigint): string {
  if (name === 'cpu') return formatQuantity({ nano: amount * nanoPerMilli, format: 'decimal' })
  const isBytes = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')
  return formatQuantity({ nano: amount * nanoPerUnit, format: isBytes ? 'binary' : 'decimal' })
}
