import type { WebSocket } from 'ws'
import { KubeletError } from '../../model/errors.ts'
import type { Upgrade } from '../upgrade.ts'

/** The kubelet's library takes no larger message either. */
const largestMessage = 32 * 1024 * 1024

/**
 * Answers a request for a WebSocket, with `protocol` as the one that was agreed on (empty for none). Throws `invalid`, with
 * nothing written, for a request that is none, and `unavailable` when the client has gone. Listen to the result at once:
 * messages come as soon as the caller waits for something else.
 */
export async function acceptWebSocket({ request, socket, head }: Upgrade, protocol: string): Promise<WebSocket> {
  if (request.method !== 'GET') throw new KubeletError('invalid', 'bad method', { status: 405 })
  // Loaded with the first WebSocket: an agent that nobody talks with does without.
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: largestMessage,
    // Whatever a client's text says goes to the command as it is.
    skipUTF8Validation: true,
  })
  // The library does not take every name that Kubernetes has (`SPDY/3.1+portforward.k8s.io`).
  delete request.headers['sec-websocket-protocol']
  if (protocol !== '') server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`))
  const accepted: WebSocket[] = []
  const faults: Error[] = []
  server.on('wsClientError', (error) => faults.push(error))
  server.handleUpgrade(request, socket, head, (webSocket) => accepted.push(webSocket))
  const [webSocket] = accepted
  if (webSocket !== undefined) return webSocket
  const [fault] = faults
  if (fault !== undefined) throw new KubeletError('invalid', fault.message, { cause: fault })
  throw new KubeletError('unavailable', 'the client has gone before it got its WebSocket')
}
