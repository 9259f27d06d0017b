/** What a row of samples says: milliseconds, or whatever the samples are in. */
export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly min: number
  readonly max: number
}

/** Throws `RangeError` for no samples: there is nothing to say of them. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new RangeError('No samples')
  return { count: sorted.length, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), min, max }
}

export function median(samples: readonly number[]): number {
  return summarize(samples).p50
}

/** Between the two samples next to it, in proportion. */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] ?? 0
  const above = sorted[Math.ceil(at)] ?? 0
  return below + (above - below) * (at - Math.floor(at))
}
