/**
 * Waits for all of them, and then returns what each gave, or throws what the first in the list threw: nothing goes on behind
 * the caller's back.
 */
export async function allOf<const T extends readonly unknown[]>(
  works: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
