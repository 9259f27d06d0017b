import type { IncomingMessage } from 'node:http'
import { KubeletError } from '../../model/errors.ts'
import { exchange, type Exchange } from './exchange.ts'
import type { HttpGetRequest } from './http-get-request.ts'
import { redirected } from './redirect.ts'
import { longestTimerMs } from '../../util/longest-timer.ts'

export interface HttpGetOptions {
  /** From the first connection to the end of the last body, in milliseconds. Without it: no limit. */
  readonly timeoutMs?: number
  /** Which redirects are followed: those to the same host name only, as probes do, or all. */
  readonly redirects: 'same-host' | 'all'
}

/** What came of a GET. Messages are those of Go's client, which users know from a kubelet's events. */
export type HttpGetResult =
  /** The last answer; a redirect where that was not to be followed. `body` is the first 10 KiB. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** No answer: `Get "http://10.0.0.5:80/": dial tcp 10.0.0.5:80: connect: connection refused`. */
  | {
      readonly kind: 'failed'
      readonly message: string
      /** It was asked over TLS, and answers plain HTTP. */
      readonly speaksPlainHttp: boolean
    }
  /** The answer broke off in its body, or did not end in time. */
  | { readonly kind: 'broken'; readonly message: string }

/** What the kubelet reads of a body (maxRespBodyLength in pkg/probe/http/http.go). */
const keptBodyBytes = 10 * 1024
const maxRedirects = 10

/**
 * Sends a GET as the kubelet's probes do: one connection each, no proxy, HTTP/1.1, certificates not verified. Throws
 * `aborted` when `signal` fires, and nothing else.
 */
export async function httpGet(
  request: HttpGetRequest,
  options: HttpGetOptions,
  signal: AbortSignal,
): Promise<HttpGetResult> {
  const { timeoutMs, redirects } = options
  const call = new Call()
  const onAbort = (): void => call.end('aborted')
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => call.end('overdue'), Math.min(timeoutMs, longestTimerMs))
  try {
    const result = await follow(request, redirects, call)
    if (call.ended === 'aborted') throw new KubeletError('aborted', 'The request was aborted', { cause: signal.reason })
    return result
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    call.exchange?.close()
  }
}

/** One call with all its redirects: what it is doing now, and what has ended it from outside. */
class Call {
  exchange: Exchange | undefined
  #ended: 'overdue' | 'aborted' | undefined

  get ended(): 'overdue' | 'aborted' | undefined {
    return this.#ended
  }

  end(why: 'overdue' | 'aborted'): void {
    this.#ended ??= why
    this.exchange?.close()
  }

  begin(request: HttpGetRequest): Exchange {
    this.exchange?.close()
    this.exchange = exchange(request)
    if (this.#ended !== undefined) this.exchange.close()
    return this.exchange
  }
}

async function follow(
  first: HttpGetRequest,
  redirects: HttpGetOptions['redirects'],
  call: Call,
): Promise<HttpGetResult> {
  let request = first
  for (let count = 1; ; count += 1) {
    const got = await call.begin(request).response
    if (call.ended !== undefined) return overdue(request)
    if (got.kind === 'failed') return failed(request, got.message, got.speaksPlainHttp)
    const next = redirected(request, got.message)
    if (next.kind === 'invalid') return failed(request, next.message)
    const isLast = next.kind === 'none' || (redirects === 'same-host' && next.request.url.host !== first.url.host)
    if (isLast) return await answer(got.message, call)
    if (count >= maxRedirects) return failed(request, `stopped after ${maxRedirects} redirects`)
    request = next.request
  }
}

function failed(request: HttpGetRequest, cause: string, speaksPlainHttp = false): HttpGetResult {
  return { kind: 'failed', message: `Get ${JSON.stringify(request.url.text)}: ${cause}`, speaksPlainHttp }
}

function overdue(request: HttpGetRequest): HttpGetResult {
  return failed(request, 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
}

async function answer(message: IncomingMessage, call: Call): Promise<HttpGetResult> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of message) {
      if (!Buffer.isBuffer(chunk)) continue
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= keptBodyBytes) break
    }
  } catch {
    const broken = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)'
    return { kind: 'broken', message: call.ended === undefined ? 'unexpected EOF' : broken }
  }
  const body = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, keptBodyBytes), { stream: true })
  return { kind: 'answer', status: message.statusCode ?? 0, body }
}
