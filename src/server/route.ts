/**
 * What the kubelet's HTTPS API is made of: a table of routes, each with what answers it. Who may call is decided before
 * the table is looked at, for every path alike, so no route can forget it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** For what the kubelet answers whatever the method is. */
export const anyMethod: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** One call of one route, by somebody who may make it. */
export interface ServerCall {
  readonly request: IncomingMessage
  readonly path: string
  readonly query: URLSearchParams
  /** What the path has in the place of the pattern's words, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Fires when the client has gone or the server closes: whatever is done for this call ends then. */
  readonly signal: AbortSignal
}

/**
 * A route refuses by throwing a `KubeletError`: its `status` is the answer's (or what its code stands for, see answers.ts),
 * its message the body. Once something has been written there is no answer left: the connection is cut.
 */
export interface Route {
  readonly methods: readonly Method[]
  /** Words and places, `/containerLogs/:namespace/:pod/:container`; a last `*` is the rest of the path, by that name. */
  readonly pattern: string
  /** Gone with `enableDebuggingHandlers: false`. */
  readonly debugging: boolean
  readonly serve: (call: ServerCall, response: ServerResponse) => Promise<void>
  /**
   * Answers a call that asks for another protocol; the socket is the handler's from then on, and closed when it is done.
   * What it throws before it has written anything is answered as HTTP. Without it such a call is one like any other.
   */
  readonly upgrade?: (call: ServerCall, socket: Duplex, head: Buffer) => Promise<void>
}

/** What becomes of a request before anybody looks at its path: it may pass, or is answered. */
export type GuardVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string }

/** Who calls, and whether they may. Asked for every request, of known and of unknown paths. Never rejects. */
export type Guard = (request: IncomingMessage, path: string, signal: AbortSignal) => Promise<GuardVerdict>
