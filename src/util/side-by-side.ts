/**
 * Does the work for every item, at most `width` of them at a time, and resolves when all is done. When one fails none is
 * begun any more, and the first failure is thrown when those under way have ended. The items are asked for one by one, also
 * those that come by and by.
 */
export async function sideBySide<T>(
  width: number,
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const failures: unknown[] = []
  // Each takes the next item as soon as it is free: with a hundred thousand of them a race for every one would cost more
  // than the work.
  const lane = async (): Promise<void> => {
    try {
      while (failures.length === 0) {
        const next = await source.next()
        if (next.done === true) return
        await work(next.value)
      }
    } catch (error) {
      failures.push(error)
    }
  }
  const lanes = Array.isArray(items) ? Math.min(width, items.length) : width
  await Promise.all(Array.from({ length: lanes }, lane))
  if (failures.length === 0) return
  await source.return?.()
  throw failures[0]
}
