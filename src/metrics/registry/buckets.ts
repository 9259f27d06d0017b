/** Prometheus' own bounds for what takes seconds. */
export const defaultBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** `count` bounds, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): readonly number[] {
  const bounds = [start]
  while (bounds.length < count) bounds.push((bounds.at(-1) ?? start) * factor)
  return bounds
}
