import { KubeletError } from '../model/errors.ts'

/**
 * What `promise` gives, unless `signal` fires before: then it throws `aborted` with `message`, and
 * the promise goes on for others.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal, message: string): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(new KubeletError('aborted', message, { cause: signal.reason }))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
