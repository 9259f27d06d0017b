import { within } from './within.ts'

/** Waits; resolves early when `signal` fires: a loop asks only its own condition. Never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await within(ms, Promise.withResolvers<void>().promise, signal)
}
