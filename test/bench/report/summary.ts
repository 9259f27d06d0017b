/** What a row of samples says: milliseconds, or whatever the samples are in. */
export interface Summary {
  readonly count: number
  readonly p5: number
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
  const [p5, p50, p95] = [quantile(sorted, 0.05), quantile(sorted, 0.5), quantile(sorted, 0.95)]
  return { count: sorted.length, p5, p50, p95, min, max }
}

/** Something that was measured once. */
export function single(value: number): Summary {
  return summarize([value])
}

/** The same in other units, or so many times. */
export function scale({ count, ...values }: Summary, factor: number): Summary {
  const { p5, p50, p95, min, max } = values
  return { count, p5: p5 * factor, p50: p50 * factor, p95: p95 * factor, min: min * factor, max: max * factor }
}

export function median(samples: readonly number[]): number {
  return summarize(samples).p50
}

/** Between the two samples next to it, in proportion. `sorted` goes up. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] ?? 0
  const above = sorted[Math.ceil(at)] ?? 0
  return below + (above - below) * (at - Math.floor(at))
}
