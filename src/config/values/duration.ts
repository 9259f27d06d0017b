const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

type Unit = keyof typeof unitMs

function isUnit(text: string): text is Unit {
  return Object.hasOwn(unitMs, text)
}

/** Milliseconds of a duration as Go writes it (`10s`, `1m30s`, `1.5h`, `300ms`, `0`); `undefined` when it isn't one. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.+)$/u.exec(text)
  if (match === null) return undefined
  const [, sign, body = ''] = match
  if (body === '0') return 0
  let total = 0
  let rest = body
  while (rest !== '') {
    const part = /^(\d+\.?\d*|\.\d+)([a-zµμ]+)/u.exec(rest)
    if (part === null) return undefined
    const [whole, amount = '', unit = ''] = part
    if (!isUnit(unit)) return undefined
    total += Number(amount) * unitMs[unit]
    rest = rest.slice(whole.length)
  }
  return sign === '-' ? -total : total
}

/** A duration as Go prints it: `10s`, `1m30s`, `5m0s`, `1h0m0s`, `300ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`
  if (milliseconds === 0) return '0s'
  if (milliseconds < 1_000) return `${milliseconds}ms`
  const hours = Math.floor(milliseconds / unitMs.h)
  const minutes = Math.floor((milliseconds % unitMs.h) / unitMs.m)
  // Rounded to the nanosecond, Go's grain: what is left of a division must not print as 29.999999s.
  const seconds = `${Math.round((milliseconds % unitMs.m) * 1e6) / 1e9}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
