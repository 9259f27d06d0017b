import { KubeletError } from '../../model/errors.ts'
import { longestTimerMs } from '../../util/longest-timer.ts'

/**
 * Runs one call that must end: `call` gets a signal that fires when `signal` does or when `deadlineMs` have passed,
 * whichever comes first, and the promise settles then even if `call` ignores its signal.
 * Throws `aborted` for the former and `unavailable` for the latter; nothing stays behind on `signal`.
 *
 * @param deadlineMs Infinite for a call that may last, like a pull.
 * @param what The call in words, for the message.
 */
export async function withDeadline<T>(
  options: { readonly what: string; readonly deadlineMs: number },
  call: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (signal.aborted) throw aborted(signal)
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (error: KubeletError): void => {
    reject(error)
    controller.abort(error)
  }
  const onAbort = (): void => end(aborted(signal))
  const { what, deadlineMs } = options
  const timer =
    deadlineMs > longestTimerMs
      ? undefined
      : setTimeout(
          () => end(new KubeletError('unavailable', `${what}: Docker has not answered for ${deadlineMs / 1000} s`)),
          deadlineMs,
        )
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([ended, call(controller.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** `aborted`, with the reason that `signal` was fired with as its cause. */
export function aborted(signal: AbortSignal): KubeletError {
  return new KubeletError('aborted', 'The call to Docker was aborted', { cause: signal.reason })
}
