import { duplexPair, type Duplex } from 'node:stream'
import { acceptSpdy, type SpdyConnection, type SpdyOptions } from '../../src/streaming/spdy/connection.ts'
import type { SpdyStream } from '../../src/streaming/spdy/spdy-stream.ts'
import { SpdyClient } from './spdy-client.ts'

/** A connection and its client, in memory. */
export class SpdyPair {
  readonly client: SpdyClient
  readonly connection: SpdyConnection
  /** The client's end of the wire, to be stopped or torn. */
  readonly wire: Duplex
  /** The server's end. */
  readonly socket: Duplex
  readonly #streams: AsyncIterator<SpdyStream>

  constructor(
    options: Partial<SpdyOptions> & { readonly head?: Buffer; readonly pair?: readonly [Duplex, Duplex] } = {},
  ) {
    const { head = Buffer.alloc(0), pair = duplexPair(), ...others } = options
    const [server, wire] = pair
    this.wire = wire
    this.socket = server
    this.client = new SpdyClient(wire)
    const given: SpdyOptions = { idleTimeoutMs: 3_600_000, signal: new AbortController().signal, ...others }
    this.connection = acceptSpdy(server, head, given)
    this.#streams = this.connection.streams()[Symbol.asyncIterator]()
  }

  /** The next stream that the client opened. */
  async next(): Promise<SpdyStream> {
    const { value, done } = await this.#streams.next()
    if (done === true) throw new Error('the connection is over')
    return value
  }

  /** Opens a stream, and gives the server's side of it. */
  async open(headers: Readonly<Record<string, string>> = {}): Promise<SpdyStream> {
    this.client.open(headers)
    return await this.next()
  }

  /** No stream comes any more. */
  async isOver(): Promise<boolean> {
    return (await this.#streams.next()).done === true
  }
}
