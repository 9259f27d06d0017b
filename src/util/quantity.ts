/** Kubernetes' resource quantities: `100m`, `1.5Gi`, `2e3`. Precise to a billionth, as in the API server. */

/** How a quantity was written, which decides how it is printed. */
export type QuantityFormat = 'binary' | 'decimal' | 'exponent'

export interface Quantity {
  /** Billionths: 1 CPU or 1 byte is 1 000 000 000. */
  readonly nano: bigint
  readonly format: QuantityFormat
}

const nanoPerUnit = 1_000_000_000n
const nanoPerMilli = 1_000_000n

const binarySuffixes = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const

/** Powers of ten, the largest first. */
const decimalSuffixes: readonly (readonly [string, number])[] = [
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
]

/** A quantity from its text, what lies below a billionth rounded up; `undefined` when it isn't one. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3}|[KMGTPE]i|[numkMGTPE]?)$/u.exec(text)
  if (match === null) return undefined
  const [, sign, digits = '', suffix = ''] = match
  const [whole = '', fraction = ''] = digits.split('.')
  const { factor, exponent, format } = scaleOf(suffix)
  // digits × 10^(exponent − length of the fraction) × factor, in billionths.
  const size = scale(BigInt(`${whole}${fraction}`) * factor, exponent - fraction.length + 9)
  return { nano: sign === '-' ? -size : size, format }
}

/** A whole number of bytes, printed with Ki, Mi, Gi where they fit. */
export function bytesQuantity(bytes: number): Quantity {
  return { nano: BigInt(Math.trunc(bytes)) * nanoPerUnit, format: 'binary' }
}

/** Units, rounded up: bytes, Pods, whole CPUs. */
export function wholeUnits(quantity: Quantity): bigint {
  return divideUp(quantity.nano, nanoPerUnit)
}

/** Thousandths, rounded up: milli-CPUs. */
export function milliUnits(quantity: Quantity): bigint {
  return divideUp(quantity.nano, nanoPerMilli)
}

/** The canonical form: the largest suffix with which no fraction is left (`1500m`, `1536Mi`, `2k`). */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  // As in the API server, what is small or has a fraction is never printed with Ki.
  const isBinary = format === 'binary' && nano % nanoPerUnit === 0n && abs(nano) >= 1024n * nanoPerUnit
  if (isBinary) return formatBinary(nano / nanoPerUnit)
  const [suffix, exponent] = decimalSuffixes.find(([, power]) => nano % 10n ** BigInt(power + 9) === 0n) ?? ['n', -9]
  const mantissa = nano / 10n ** BigInt(exponent + 9)
  if (format !== 'exponent') return `${mantissa}${suffix}`
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`
}

function formatBinary(units: bigint): string {
  for (const [index, suffix] of binarySuffixes.entries()) {
    const factor = 1024n ** BigInt(binarySuffixes.length - index)
    if (units % factor === 0n) return `${units / factor}${suffix}`
  }
  return `${units}`
}

function scaleOf(suffix: string): {
  readonly factor: bigint
  readonly exponent: number
  readonly format: QuantityFormat
} {
  const binary = binarySuffixes.findIndex((candidate) => candidate === suffix)
  if (binary >= 0) return { factor: 1024n ** BigInt(binarySuffixes.length - binary), exponent: 0, format: 'binary' }
  const decimal = decimalSuffixes.find(([candidate]) => candidate === suffix)
  if (decimal !== undefined) return { factor: 1n, exponent: decimal[1], format: 'decimal' }
  return { factor: 1n, exponent: Number(suffix.slice(1)), format: 'exponent' }
}

function scale(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent))
}

/** Division that rounds away from zero, as the API server does. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  if (value % divisor === 0n) return quotient
  return value > 0n ? quotient + 1n : quotient - 1n
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
