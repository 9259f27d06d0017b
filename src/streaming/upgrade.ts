import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A request for another protocol that nothing has been answered to yet. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came on the socket behind the request. */
  readonly head: Buffer
  /** Fires when the client has gone or the server closes. */
  readonly signal: AbortSignal
}

/** Nothing said either way for so long closes a connection: the kubelet's `streamingConnectionIdleTimeout`. */
export const usualIdleTimeoutMs = 4 * 3_600_000
