import { setTimeout as delay } from 'node:timers/promises'
import type { RawData, WebSocket } from 'ws'
import type { TerminalSize } from '../../engine/streams/container-session.ts'
import type { ClientStreams, CommandEnd } from '../client-streams.ts'
import { commandStatus } from '../command-status.ts'
import type { FrontOptions } from '../front-options.ts'
import { terminalSizes } from '../terminal-sizes.ts'
import type { Upgrade } from '../upgrade.ts'
import { acceptWebSocket } from './accept-web-socket.ts'
import { channels, readMessage, writeMessage, type Channel, type ChannelMessage } from './channel-messages.ts'
import { chooseProtocol, type ChannelProtocol } from './choose-protocol.ts'
import { IncomingChannel, OutgoingChannel } from './message-channel.ts'
import { asBuffer, SocketPace } from './socket-pace.ts'

/** What a client gets to take the end of its command, and then to say goodbye. */
const lastWordsMs = 10_000
const normalClosure = 1000

/**
 * Answers a request for a command's WebSocket: `channel.k8s.io` and its successors up to the fifth. Throws `forbidden` for
 * protocols that there are not, `invalid` for what is no such request, with nothing written.
 */
export async function acceptCommandWebSocket(upgrade: Upgrade, options: FrontOptions): Promise<ClientStreams> {
  const protocol = chooseProtocol(upgrade.request.headers['sec-websocket-protocol'])
  const webSocket = await acceptWebSocket(upgrade, protocol.name)
  return new WebSocketFront(webSocket, protocol, options)
}

class WebSocketFront implements ClientStreams {
  readonly stdin: IncomingChannel | undefined
  readonly stdout: OutgoingChannel | undefined
  readonly stderr: OutgoingChannel | undefined
  readonly resizes: AsyncIterable<TerminalSize> | undefined
  readonly #webSocket: WebSocket
  readonly #protocol: ChannelProtocol
  readonly #incoming = new Map<Channel, IncomingChannel>()
  readonly #pace: SocketPace
  readonly #closed: Promise<void>

  constructor(webSocket: WebSocket, protocol: ChannelProtocol, { wanted, idleTimeoutMs }: FrontOptions) {
    this.#webSocket = webSocket
    this.#protocol = protocol
    this.#pace = new SocketPace(webSocket, idleTimeoutMs)
    this.stdin = wanted.stdin ? this.#receive(channels.stdin) : undefined
    this.stdout = wanted.stdout ? this.#sender(channels.stdout) : undefined
    this.stderr = wanted.stderr ? this.#sender(channels.stderr) : undefined
    this.resizes = wanted.tty ? terminalSizes(this.#receive(channels.resize)) : undefined
    webSocket.on('message', (data) => this.#take(data))
    // Its close follows, and tells whoever reads or writes.
    webSocket.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = promise
    webSocket.once('close', () => {
      this.#over()
      resolve()
    })
    // The client waits for a first message to know that it is connected.
    const first = wanted.stdout ? channels.stdout : wanted.stderr ? channels.stderr : channels.error
    this.#send(first, Buffer.alloc(0), () => {})
  }

  async finish(end: CommandEnd): Promise<void> {
    // What the client still sends is dropped, or its answer would never be seen.
    for (const channel of this.#incoming.values()) channel.destroy()
    const status = commandStatus(end, this.#protocol.status)
    await atMost(lastWordsMs, this.#tell(status))
    this.#webSocket.close(normalClosure)
    await atMost(lastWordsMs, this.#closed)
    this.#webSocket.terminate()
  }

  /** Resolves when it has been sent, or the client has gone. */
  async #tell(status: string): Promise<void> {
    if (status === '') return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#send(channels.error, Buffer.from(status), () => resolve())
    await promise
  }

  #receive(channel: Channel): IncomingChannel {
    const incoming = new IncomingChannel(() => this.#goOn())
    this.#incoming.set(channel, incoming)
    return incoming
  }

  #sender(channel: Channel): OutgoingChannel {
    return new OutgoingChannel((payload, done) => this.#send(channel, payload, done))
  }

  #send(channel: Channel, payload: Buffer, done: (error?: Error | null) => void): void {
    this.#pace.heard()
    this.#webSocket.send(writeMessage(channel, payload, this.#protocol.format), done)
  }

  #take(data: RawData): void {
    this.#pace.heard()
    const message = this.#read(data)
    const channel = message.kind === 'nothing' ? undefined : this.#incoming.get(message.channel)
    if (channel === undefined) return
    if (message.kind === 'close') channel.over()
    else if (message.kind === 'data') channel.give(message.payload)
    if (channel.isFull) this.#pace.wait()
  }

  #read(data: RawData): ChannelMessage {
    try {
      return readMessage(asBuffer(data), this.#protocol.format)
    } catch {
      this.#webSocket.terminate()
      return { kind: 'nothing' }
    }
  }

  #goOn(): void {
    if ([...this.#incoming.values()].some((channel) => channel.isFull)) return
    this.#pace.goOn()
  }

  #over(): void {
    for (const channel of this.#incoming.values()) channel.over()
    this.stdout?.destroy()
    this.stderr?.destroy()
  }
}

/** Resolves when `promise` does, or after `limitMs`. */
async function atMost(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([promise, delay(limitMs, undefined, over).catch(() => 'in time')])
  over.abort()
}
