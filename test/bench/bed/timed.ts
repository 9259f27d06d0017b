/** What `work` gave, and how many milliseconds it took. */
export async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAtMs = performance.now()
  const result = await work()
  return [result, performance.now() - startedAtMs]
}
