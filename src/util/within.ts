/** Resolves when `promise` does, when `limitMs` have passed or when `signal` fires, whichever is first. Never rejects. */
export async function within(limitMs: number, promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const end = (): void => resolve()
  const timer = setTimeout(end, limitMs)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    await Promise.race([over, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}
