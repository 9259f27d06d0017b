import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { duplexPair, type Duplex } from 'node:stream'
import type { Upgrade } from '../../src/streaming/upgrade.ts'
import { SpdyClient } from './spdy-client.ts'

export const spdyHeaders = ['Connection', 'Upgrade', 'Upgrade', 'SPDY/3.1']

/** A request for SPDY, in memory: what the server gets, and what its client gets back. */
export class SpdyUpgrade {
  readonly upgrade: Upgrade
  /** The client's end. */
  readonly wire: Duplex

  /** @param rawHeaders Names and values in turn. */
  constructor(rawHeaders: readonly string[]) {
    const [socket, wire] = duplexPair()
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    const request = new IncomingMessage(new Socket())
    request.rawHeaders = [...rawHeaders]
    this.upgrade = { request, socket, head: Buffer.alloc(0), signal: gone.signal }
    this.wire = wire
  }

  static of(...protocols: readonly string[]): SpdyUpgrade {
    return new SpdyUpgrade([...spdyHeaders, ...protocols.flatMap((name) => ['X-Stream-Protocol-Version', name])])
  }

  /** The lines of the answer, up to its first empty one. */
  async answer(): Promise<readonly string[]> {
    let text = ''
    for (;;) {
      const chunk: unknown = this.wire.read()
      if (chunk instanceof Buffer) text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end >= 0) {
        this.wire.unshift(Buffer.from(text.slice(end + 4), 'latin1'))
        return text.slice(0, end).split('\r\n')
      }
      if (chunk === null) await once(this.wire, 'readable')
    }
  }

  /** The client, once it has read the answer. */
  async client(): Promise<SpdyClient> {
    await this.answer()
    return new SpdyClient(this.wire)
  }
}
