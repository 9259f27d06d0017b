import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { WebSocket, type ClientOptions } from 'ws'
import { Feed } from './feed.ts'

/** What came in one message: its channel, and its payload as text. */
type Received = readonly [channel: number, payload: string]

/** A client of `channel.k8s.io` and its successors: what kubectl and the upstream tests speak. */
export class ChannelClient implements Disposable {
  readonly webSocket: WebSocket
  /** The code with which the server closes; 1006 where it just goes. */
  readonly closed: Promise<number>
  readonly #received = new Feed<Received>('The WebSocket')

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket
    webSocket.on('error', () => {})
    webSocket.on('message', (data: Buffer, isBinary) => this.#received.push(readChannel(data, isBinary)))
    const { promise, resolve } = Promise.withResolvers<number>()
    this.closed = promise
    webSocket.once('close', (code) => {
      this.#received.end(new Error(`closed with ${code}`))
      resolve(code)
    })
  }

  /** Throws `HTTP status: body` when the handshake is refused. */
  static async connect(url: string, protocols: readonly string[], options: ClientOptions): Promise<ChannelClient> {
    const webSocket = new WebSocket(url, [...protocols], { ...options, perMessageDeflate: false })
    const client = new ChannelClient(webSocket)
    const refused = once(webSocket, 'unexpected-response').then(async ([, response]) => {
      const { socket, statusCode } = response
      const body = await text(response)
      socket.destroy()
      throw new Error(`HTTP ${statusCode}: ${body}`)
    })
    await Promise.race([once(webSocket, 'open'), refused])
    refused.catch(() => {})
    return client
  }

  get protocol(): string {
    return this.webSocket.protocol
  }

  get messages(): readonly Received[] {
    return this.#received.items
  }

  /** All that has come on a channel. */
  of(channel: number): string {
    return this.messages
      .filter(([number]) => number === channel)
      .map(([, payload]) => payload)
      .join('')
  }

  /** Waits until what has come on a channel matches, and returns that. */
  until(channel: number, pattern: RegExp): Promise<string> {
    return this.#received.until(`${pattern} on channel ${channel}`, () => {
      const said = this.of(channel)
      return pattern.test(said) ? said : undefined
    })
  }

  /** Sends on a channel in bytes. */
  send(channel: number, payload: string | Buffer = ''): void {
    this.webSocket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(payload)]))
  }

  /** Sends on a channel in base64. */
  sendText(channel: number, payload: string): void {
    this.webSocket.send(`${channel}${Buffer.from(payload).toString('base64')}`)
  }

  [Symbol.dispose](): void {
    this.webSocket.terminate()
  }
}

function readChannel(data: Buffer, isBinary: boolean): Received {
  if (isBinary) return [data.readUInt8(0), data.toString('utf8', 1)]
  const message = data.toString()
  return [Number(message.slice(0, 1)), Buffer.from(message.slice(1), 'base64').toString()]
}
