import type { IncomingHttpHeaders } from 'node:http'
import { KubeletError, type ErrorCode } from '../../model/errors.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../json-object.ts'

/** What the API server said when it said no. */
export interface RefusedAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/**
 * An HTTP answer of 400 and above as ours. `what` is what was tried, in the infinitive: `get lease "n1"`. The reason is
 * the message of the `Status` object in the body; a proxy in between may send none.
 */
export function errorFromAnswer(what: string, { status, headers, body }: RefusedAnswer): KubeletError {
  const answer = statusObject(body)
  const retryAfterSeconds = seconds(headers['retry-after']) ?? seconds(objectAt(answer, 'details')['retryAfterSeconds'])
  const reason = stringAt(answer, 'message') ?? body.trim().slice(0, 200)
  if (isAnotherUid(answer))
    return new KubeletError('conflict', `Cannot ${what}: ${reason} (HTTP ${status})`, { status, reason })
  // What stands before a server that is away may know no path at all: only the server can say that there is no such object.
  if (status === 404 && Object.keys(answer).length === 0)
    return new KubeletError('unavailable', `Cannot ${what}: ${reason} (HTTP 404, and not from the API server)`, {
      status,
    })
  return refusal(what, status, retryAfterSeconds, reason)
}

/** An ERROR line of a watch, whose object is a `Status`. */
export function errorFromStatus(what: string, object: unknown): KubeletError {
  const answer = isJsonObject(object) ? object : {}
  const status = typeof answer['code'] === 'number' ? answer['code'] : 500
  const retryAfterSeconds = seconds(objectAt(answer, 'details')['retryAfterSeconds'])
  return refusal(what, status, retryAfterSeconds, stringAt(answer, 'message') ?? 'no reason given')
}

/** What Node threw while talking to `server`. */
export function errorFromNode(what: string, server: string, error: unknown): KubeletError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return KubeletError.from(error)
  if (error instanceof KubeletError) return error
  const { code } = error
  const reason = connectionReason(error)
  const hint = tlsFaults.some((fault) => code.includes(fault))
    ? '; check certificate-authority and server in the kubeconfig'
    : ''
  return new KubeletError('unavailable', `Cannot ${what}: no connection to ${server}: ${reason}${hint}`, {
    cause: error,
  })
}

/**
 * A patch that names the UID of an object that was replaced meanwhile: old servers call that
 * an invalid change of the UID.
 */
function isAnotherUid(answer: JsonObject): boolean {
  const causes = objectAt(answer, 'details')['causes']
  return (
    Array.isArray(causes) && causes.some((cause: unknown) => isJsonObject(cause) && cause['field'] === 'metadata.uid')
  )
}

function refusal(what: string, status: number, retryAfterSeconds: number | undefined, reason: string): KubeletError {
  return new KubeletError(codeOf(status, retryAfterSeconds), `Cannot ${what}: ${reason} (HTTP ${status})`, {
    status,
    reason,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

function codeOf(status: number, retryAfterSeconds: number | undefined): ErrorCode {
  switch (status) {
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 409:
      return 'conflict'
    case 410:
      return 'gone'
    case 429:
      return 'throttled'
    case 502:
    case 503:
    case 504:
      return retryAfterSeconds === undefined ? 'unavailable' : 'throttled'
    default:
      return status < 500 ? 'invalid' : 'internal'
  }
}

/** Codes of OpenSSL and Node for a certificate that doesn't fit, on either side. */
const tlsFaults = ['CERT', 'UNABLE_TO_VERIFY', 'ERR_SSL', 'ERR_TLS', 'ERR_OSSL']

/** Node hides the reasons for a name with several addresses in an AggregateError without a message. */
function connectionReason(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(connectionReason).join(', ')
  return error instanceof Error ? error.message : String(error)
}

function statusObject(body: string): JsonObject {
  try {
    const answer: unknown = JSON.parse(body)
    return isJsonObject(answer) ? answer : {}
  } catch {
    // A proxy's HTML, or nothing: the caller quotes it as it is.
    return {}
  }
}

/** Retry-After in whole seconds; its other form, a date, no API server sends. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}
