import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { SpdyClient } from './spdy-client.ts'

export interface SpdyAnswer {
  readonly client: SpdyClient
  /** What was agreed on. */
  readonly protocol: string
  /** For a client that vanishes. */
  readonly socket: Duplex
}

/** Asks for SPDY as Go's clients do. Throws `HTTP status: body` when it is refused. */
export async function connectSpdy(options: RequestOptions, ...protocols: readonly string[]): Promise<SpdyAnswer> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    ...(protocols.length > 0 && { 'x-stream-protocol-version': [...protocols] }),
  }
  const asked = request({ agent: false, ...options, headers })
  asked.end()
  const upgraded = once(asked, 'upgrade')
  const refused = once(asked, 'response').then(async ([response]: IncomingMessage[]) => {
    if (response === undefined) throw new Error('no response')
    throw new Error(`HTTP ${response.statusCode}: ${await text(response)}`)
  })
  refused.catch(() => {})
  const [response, socket, head]: [IncomingMessage, Duplex, Buffer] = await Promise.race([upgraded, refused]).then(
    ([first, second, third]) => [first, second, third],
  )
  upgraded.catch(() => {})
  if (head.length > 0) socket.unshift(head)
  const protocol = response.headers['x-stream-protocol-version']
  return { client: new SpdyClient(socket), protocol: String(protocol), socket }
}
