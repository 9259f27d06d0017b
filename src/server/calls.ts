import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { KubeletError } from '../model/errors.ts'
import { http } from '../util/builtin-http.ts'
import type { Logger } from '../util/log.ts'
import { errorAnswer, plainAnswer, sendAnswer } from './answers.ts'
import type { Guard, Route, ServerCall } from './route.ts'
import { findRoute } from './router.ts'
import { Turns } from './turns.ts'

export interface CallsOptions {
  readonly guard: Guard
  readonly routes: readonly Route[]
  readonly log: Logger
  /** Told of every request, by its path without the query; the result is called when it is answered. */
  readonly onRequest?: (method: string, path: string) => () => void
}

/** What a connection that is over gets to take what was written to it. */
const lastWordsMs = 10_000

interface AdmittedCall {
  readonly route: Route
  readonly call: ServerCall
}

/** The requests of a port, from the guard over the table to the route, each for as long as its client and the port live. */
export class Calls {
  readonly #options: CallsOptions
  readonly #closing: AbortSignal
  readonly #turns = new Turns()

  constructor(options: CallsOptions, closing: AbortSignal) {
    this.#options = options
    this.#closing = closing
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.#turns.take(request, response))) return
    const { signal, end } = this.#life(response, request)
    try {
      const found = await this.#admit(request, response, signal)
      if (found !== undefined) await found.route.serve(found.call, response)
    } catch (error) {
      this.#fail(error, request, response)
    } finally {
      end()
    }
  }

  /** Upgrades are answered over the bare socket: as HTTP until the handler writes to it. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Errors of the socket end what reads or writes it; one that comes while nobody does must not end the process.
    socket.on('error', () => {})
    const { signal, end } = this.#life(socket, request)
    const cut = (): void => void socket.destroy()
    this.#closing.addEventListener('abort', cut, { once: true })
    try {
      const response = responseOver(socket, request)
      const found = await this.#admit(request, response, signal)
      if (found === undefined) return
      if (found.route.upgrade === undefined) await this.#serveOver(socket, found, response)
      else await this.#switch(socket, head, found, response)
    } catch (error) {
      this.#note(error, request)
    } finally {
      this.#closing.removeEventListener('abort', cut)
      end()
      letGo(socket)
    }
  }

  async #serveOver(socket: Duplex, { route, call }: AdmittedCall, response: ServerResponse): Promise<void> {
    try {
      await route.serve(call, response)
      if (!response.writableFinished && !socket.destroyed) await once(response, 'finish', { signal: call.signal })
    } catch (error) {
      this.#fail(error, call.request, response)
    }
  }

  async #switch(socket: Duplex, head: Buffer, { route, call }: AdmittedCall, response: ServerResponse): Promise<void> {
    response.detachSocket(netSocket(socket))
    const before = netSocket(socket).bytesWritten
    try {
      await route.upgrade?.(call, socket, head)
    } catch (error) {
      if (netSocket(socket).bytesWritten > before || socket.destroyed) throw error
      this.#fail(error, call.request, responseOver(socket, call.request))
    }
  }

  /** The route of a request that may be made; `undefined` when it has been answered already. */
  async #admit(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<AdmittedCall | undefined> {
    const url = urlOf(request)
    const verdict = await this.#options.guard(request, url.pathname, signal)
    if (verdict.kind === 'refused') {
      // What a stranger goes on sending is not waited for.
      if (hasBody(request)) response.shouldKeepAlive = false
      sendAnswer(response, plainAnswer(verdict.status, verdict.body))
      return undefined
    }
    const found = findRoute(this.#options.routes, request.method ?? 'GET', url.pathname)
    switch (found.kind) {
      case 'unknown':
        sendAnswer(response, plainAnswer(404, '404 page not found\n'))
        return undefined
      case 'wrong-method':
        response.setHeader('allow', found.methods.join(', '))
        sendAnswer(response, plainAnswer(405, '405: Method Not Allowed'))
        return undefined
      case 'route': {
        const { route, params } = found
        return { route, call: { request, path: url.pathname, query: url.searchParams, params, signal } }
      }
      default:
        return found satisfies never
    }
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    this.#note(error, request)
    if (response.headersSent) response.destroy()
    else sendAnswer(response, errorAnswer(error))
  }

  /**
   * What clients cause is theirs to know, as when they go in the midst of an answer; what
   * nobody expected is the operator's.
   */
  #note(error: unknown, request: IncomingMessage): void {
    const fields = { method: request.method, path: pathOf(request), error }
    const { code } = KubeletError.from(error)
    if (error instanceof KubeletError || code === 'aborted')
      this.#options.log.debug('A call was refused or broke off', fields)
    else this.#options.log.error('A call failed for a reason that nobody expected', fields)
  }

  /** One signal for a call's life: its client's, or the port's. */
  #life(
    connection: ServerResponse | Duplex,
    request: IncomingMessage,
  ): { readonly signal: AbortSignal; readonly end: () => void } {
    const answered = this.#options.onRequest?.(request.method ?? '', pathOf(request))
    const life = new AbortController()
    const abort = (): void => life.abort()
    connection.once('close', abort)
    this.#closing.addEventListener('abort', abort, { once: true })
    if (this.#closing.aborted) abort()
    return {
      signal: life.signal,
      end: () => {
        answered?.()
        connection.off('close', abort)
        this.#closing.removeEventListener('abort', abort)
      },
    }
  }
}

/** A target that is none, such as `//`, is nobody's: the guard is asked all the same. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  return URL.parse(url, 'https://node') ?? new URL('https://node/')
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/'
}

/** What answers a request that asked for another protocol, when it does not get it. */
function responseOver(socket: Duplex, request: IncomingMessage): ServerResponse {
  const response = new http.ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(netSocket(socket))
  } catch (error) {
    throw new KubeletError('invalid', 'Another protocol was asked for before the last answer', { cause: error })
  }
  return response
}

/** Node hands over a socket, by another type. */
function netSocket(socket: Duplex): Socket {
  if (socket instanceof Socket) return socket
  throw new KubeletError('internal', 'A connection is not a socket')
}

/** Lets what has been written arrive, for a while, and closes the connection. */
function letGo(socket: Duplex): void {
  if (socket.destroyed) return
  const guard = setTimeout(() => socket.destroy(), lastWordsMs)
  guard.unref()
  socket.once('close', () => clearTimeout(guard))
  netSocket(socket).destroySoon()
}
