import type { IncomingMessage } from 'node:http'
import { KubeletError } from '../model/errors.ts'
import type { ApiCredentials } from './kubeconfig/api-credentials.ts'
import type { CredentialProvider } from './credentials.ts'
import { Deadline } from './http/deadline.ts'
import { kubeConnection, type KubeConnection, type Lane } from './http/kube-connection.ts'
import { errorFromAnswer, errorFromNode } from './http/kube-errors.ts'
import { parseJson, readLines, readText } from './http/response-body.ts'

export interface KubeClientOptions {
  readonly credentials: CredentialProvider
  /** The `user-agent` in the API server's audit log. */
  readonly userAgent: string
  /** Told of each request: how it was answered, or that it was not, and when the answer began. */
  readonly onAnswer?: (answer: RequestAnswer) => void
}

export interface RequestAnswer {
  readonly method: string
  /** `undefined` where there was no answer. */
  readonly status: number | undefined
  /** Of the server, `10.0.0.1:6443`. */
  readonly host: string
  readonly durationMs: number
}

export interface KubeRequest {
  /** What is being done, in the infinitive, for messages: `get lease "n1"`. */
  readonly what: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, with a slash at its start. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Of the body; `application/json` when left out. */
  readonly contentType?: string
  /** `bulk` when left out. */
  readonly lane?: Lane
  /** From the call to the last byte of the answer, queueing included. 30 s when left out. */
  readonly limitMs?: number
}

/** What a `KubeClient` does for its callers. */
export type JsonClient = Pick<KubeClient, 'request' | 'lines' | 'close'>

const defaultLimitMs = 30_000

/**
 * JSON over HTTPS to the API server, on sockets that are kept. Throws `KubeletError` only. Nothing is retried, except
 * that a 401 is answered by asking for newer credentials: the server has refused to do anything, so that is safe.
 */
export class KubeClient {
  readonly #options: KubeClientOptions
  #connection: KubeConnection | undefined

  constructor(options: KubeClientOptions) {
    this.#options = options
  }

  /** The decoded answer, `undefined` for an empty one. Throws `unavailable` when `limitMs` pass without it. */
  async request(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    using deadline = new Deadline(request.limitMs ?? defaultLimitMs, signal)
    try {
      const text = await readText(await this.#send(request, deadline.signal))
      return text === '' ? undefined : parseJson(request.what, text)
    } catch (error) {
      throw this.#mapped(request, deadline, signal, error)
    }
  }

  /**
   * Each line of an answer that goes on, decoded. Ends when the server ends it; throws `unavailable` when the
   * connection breaks, and when the server has not ended it within `limitMs`.
   */
  async *lines(request: KubeRequest, signal: AbortSignal): AsyncGenerator<unknown> {
    using deadline = new Deadline(request.limitMs ?? defaultLimitMs, signal)
    try {
      const response = await this.#send(request, deadline.signal)
      for await (const line of readLines(response)) yield parseJson(request.what, line)
    } catch (error) {
      throw this.#mapped(request, deadline, signal, error)
    }
  }

  /** Closes the idle sockets; those in use close with their requests. */
  close(): void {
    this.#connection?.dropIdle()
    this.#options.credentials.close()
  }

  async #send(request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const connection = this.#connectionFor(await this.#options.credentials.current(signal))
    const response = await this.#exchange(connection, request, signal)
    if (response.statusCode !== 401) return accepted(request, response)
    const renewed = await this.#options.credentials.renewed(signal)
    if (renewed === connection.credentials) return accepted(request, response)
    response.resume()
    return accepted(request, await this.#exchange(this.#connectionFor(renewed), request, signal))
  }

  #connectionFor(credentials: ApiCredentials): KubeConnection {
    if (this.#connection?.credentials === credentials) return this.#connection
    this.#connection?.dropIdle()
    this.#connection = kubeConnection(credentials)
    return this.#connection
  }

  #exchange(connection: KubeConnection, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const { method, path, lane = 'bulk', body } = request
    const headers = { accept: 'application/json', 'user-agent': this.#options.userAgent }
    const text = body === undefined ? undefined : JSON.stringify(body)
    // Node frames the body of a DELETE only if it is told how long it is.
    const content =
      text === undefined
        ? {}
        : {
            'content-type': request.contentType ?? 'application/json',
            'content-length': String(Buffer.byteLength(text)),
          }
    const sent = connection.open({ method, path, lane, headers: { ...headers, ...content } }, signal)
    const startedAtMs = performance.now()
    let told = false
    const tell = (status: number | undefined): void => {
      if (told) return
      told = true
      const { host } = new URL(connection.credentials.server)
      this.#options.onAnswer?.({ method, status, host, durationMs: performance.now() - startedAtMs })
    }
    sent.once('response', (response) => {
      tell(response.statusCode)
      resolve(response)
    })
    // Stays on: an error after the answer began also reaches the answer, and must not be an unhandled one here.
    sent.on('error', (error) => {
      tell(undefined)
      reject(error)
    })
    sent.end(text)
    return promise
  }

  #mapped(request: KubeRequest, deadline: Deadline, signal: AbortSignal, error: unknown): KubeletError {
    const { what, limitMs = defaultLimitMs } = request
    if (signal.aborted) return new KubeletError('aborted', `Stopped trying to ${what}`, { cause: signal.reason })
    const server = this.#connection?.credentials.server ?? 'the API server'
    if (!deadline.expired) return errorFromNode(what, server, error)
    // The socket was dead without being closed: those that lie idle are no better.
    this.#connection?.dropIdle()
    return new KubeletError('unavailable', `Cannot ${what}: no answer from ${server} within ${limitMs / 1000} s`)
  }
}

/** The answer itself, if it is one of success. */
async function accepted(request: KubeRequest, response: IncomingMessage): Promise<IncomingMessage> {
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  throw errorFromAnswer(request.what, { status, headers: response.headers, body: await readText(response) })
}
