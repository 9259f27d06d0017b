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
