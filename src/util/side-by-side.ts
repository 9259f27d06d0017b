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
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  for await (const item of items) {
    if (failures.length > 0) break
    const run = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(run))
    running.add(run)
    if (running.size >= width) await Promise.race(running)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}
