/**
 * The agent's one error class. Whatever a library threw is mapped to it once, at the port; callers branch on `code`,
 * never on a message.
 */
export const errorCodes = [
  /** The thing does not exist. */
  'not-found',
  /** The name is taken, the version is stale, or the state forbids it. */
  'conflict',
  /** What was asked for makes no sense to the other side (a bad field, an image name, a command that does not exist). */
  'invalid',
  /** The other side knows us, or does not, and refuses. */
  'forbidden',
  'unauthorized',
  /** The list or watch position is too old (HTTP 410): list again. */
  'gone',
  /** The other side asks for patience (HTTP 429, 503 with Retry-After). */
  'throttled',
  /** No connection, a broken one, or no answer in time. */
  'unavailable',
  /** Our own AbortSignal fired. */
  'aborted',
  /** A flag, a file or a manifest of the user's is wrong. */
  'configuration',
  /** A field or feature that this agent does not do. */
  'unsupported',
  /** The other side failed (HTTP 5xx, or an answer that could not be read). */
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface KubeletErrorOptions {
  readonly cause?: unknown
  /** HTTP status of the answer, where there was one. */
  readonly status?: number
  /** What the other side gave as its reason, alone. */
  readonly reason?: string
  /** Seconds after which the other side allows another try. */
  readonly retryAfterSeconds?: number
}

export class KubeletError extends Error {
  override readonly name = 'KubeletError'
  readonly code: ErrorCode
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: KubeletErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.status = options.status
    this.reason = options.reason
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  /** True when `error` is ours with one of these codes. */
  static is(error: unknown, ...codes: readonly ErrorCode[]): error is KubeletError {
    return error instanceof KubeletError && codes.includes(error.code)
  }

  /** Total: any thrown value as a `KubeletError`; one of ours is returned as it is. */
  static from(error: unknown): KubeletError {
    if (error instanceof KubeletError) return error
    if (error instanceof Error && error.name === 'AbortError') {
      return new KubeletError('aborted', error.message, { cause: error })
    }
    return new KubeletError('internal', error instanceof Error ? error.message : String(error), { cause: error })
  }
}
