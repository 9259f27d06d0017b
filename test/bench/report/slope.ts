/** Something at a moment, or after so many Pods. */
export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * How much `y` grows for each `x`, as the line through the points that is nearest to all (least
 * squares); 0 for less than two.
 */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)]
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (points.length < 2 || spread === 0) return 0
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
}

/** The later part of the points: what comes before is warming up. */
export function later<T>(points: readonly T[], from = 1 / 3): readonly T[] {
  return points.slice(Math.floor(points.length * from))
}
