import { KubeletError } from '../../model/errors.ts'
import { Bell } from '../../util/bell.ts'

/** The kubelet's patience with the API server's reviews (apiserver's DefaultAuthWebhookRetryBackoff). */
const tries = 5
const firstWaitMs = 500
const factor = 1.5
const jitter = 0.2

/**
 * Asks again after a failure that may be over soon: one of the server's own, a wish for patience, a connection that
 * broke under the question. Throws the last failure, and `aborted` when `signal` fires.
 */
export async function askPatiently<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let [tried, waitMs] = [1, firstWaitMs]; ; tried += 1, waitMs *= factor) {
    try {
      return await ask()
    } catch (error) {
      if (tried === tries || !mayPass(error) || signal.aborted) throw error
      const wishedMs = (KubeletError.from(error).retryAfterSeconds ?? 0) * 1000
      await new Bell().wait(Date.now() + Math.max(waitMs * (1 + jitter * Math.random()), wishedMs), signal)
    }
  }
}

function mayPass(error: unknown): boolean {
  if (KubeletError.is(error, 'throttled', 'internal')) return true
  if (!KubeletError.is(error, 'unavailable')) return false
  const { cause } = error
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
}
