/**
 * A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` has it, which is what metrics and their `le` labels are written
 * with: the fewest digits that tell it apart, with an exponent below 1e-4 and from 1e6 on.
 */
export function goFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < decimalBelow) return Object.is(value, -0) ? '-0' : String(value)
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const decimalBelow = 1e6
