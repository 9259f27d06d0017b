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
