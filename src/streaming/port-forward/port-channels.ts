import { once } from 'node:events'
import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { KubeletError } from '../../model/errors.ts'
import { readData, writeMessage } from '../websocket/channel-messages.ts'
import { IncomingChannel, OutgoingChannel } from '../websocket/message-channel.ts'
import { asBuffer, SocketPace } from '../websocket/socket-pace.ts'
import type { PortForward } from './port-forward.ts'

/** What a client gets to say goodbye. */
const lastWordsMs = 10_000
/** What a port gets to take the last that a client has sent before it closed. */
const lastDataMs = 1000
const normalClosure = 1000

export interface PortChannels extends PortForward {
  readonly ports: readonly number[]
  readonly base64: boolean
}

/**
 * Forwards ports over a WebSocket: channel 2i carries the data of the i-th port, 2i + 1 what went wrong, and each begins
 * with the number of the port in two bytes, the lower first. There is one connection to each port, made at once; the
 * WebSocket closes when all have ended (cri-streaming/pkg/streaming/portforward/websocket.go). Never rejects.
 */
export async function forwardChannels(webSocket: WebSocket, options: PortChannels): Promise<void> {
  const over = new AbortController()
  let last: NodeJS.Timeout | undefined
  webSocket.once('close', () => (last = setTimeout(() => over.abort(), lastDataMs)))
  // Its close follows.
  webSocket.on('error', () => {})
  const channels = new Channels(webSocket, options)
  await Promise.all(options.ports.map((port, index) => forward(channels, { ...options, port, index }, over.signal)))
  clearTimeout(last)
  if (webSocket.readyState === webSocket.CLOSED) return
  const closed = once(webSocket, 'close')
  const guard = setTimeout(() => webSocket.terminate(), lastWordsMs)
  webSocket.close(normalClosure)
  await closed
  clearTimeout(guard)
}

interface OnePort extends PortForward {
  readonly port: number
  readonly index: number
}

async function forward(channels: Channels, options: OnePort, signal: AbortSignal): Promise<void> {
  const { port, index, pod, uid } = options
  const number = Buffer.alloc(2)
  number.writeUInt16LE(port)
  const data = channels.open(2 * index)
  data.write(number)
  channels.tell(2 * index + 1, number)
  try {
    await options.forward(port, data, signal)
    if (!data.writableEnded) data.end()
    if (!data.writableFinished && !data.destroyed) await once(data, 'finish', { signal })
  } catch (error) {
    const { message } = KubeletError.from(error)
    channels.tell(2 * index + 1, Buffer.from(`error forwarding port ${port} to pod ${pod}, uid ${uid}: ${message}`))
  } finally {
    // What the client goes on to send has nowhere to go, and is not to hold up the other ports.
    data.destroy()
  }
}

class Channels {
  readonly #webSocket: WebSocket
  readonly #base64: boolean
  readonly #pace: SocketPace
  readonly #incoming = new Map<number, IncomingChannel>()

  constructor(webSocket: WebSocket, { base64, idleTimeoutMs }: PortChannels) {
    this.#webSocket = webSocket
    this.#base64 = base64
    this.#pace = new SocketPace(webSocket, idleTimeoutMs)
    webSocket.on('message', (data) => this.#take(data))
    webSocket.once('close', () => this.#over())
  }

  /** A channel for both directions. Its data ends with the WebSocket, and what is written to it then is dropped. */
  open(channel: number): Duplex {
    const incoming = new IncomingChannel(() => this.#goOn())
    this.#incoming.set(channel, incoming)
    const outgoing = new OutgoingChannel((payload, done) => this.#send(channel, payload, done))
    const both = Duplex.from({ readable: incoming, writable: outgoing })
    both.on('error', () => {})
    return both
  }

  tell(channel: number, payload: Buffer): void {
    this.#send(channel, payload, () => {})
  }

  #over(): void {
    for (const channel of this.#incoming.values()) channel.over()
  }

  #send(channel: number, payload: Buffer, done: () => void): void {
    this.#pace.heard()
    this.#webSocket.send(writeMessage(channel, payload, { base64: this.#base64 }), () => done())
  }

  #take(data: RawData): void {
    this.#pace.heard()
    const message = readData(asBuffer(data), { base64: this.#base64 })
    const channel = message && this.#incoming.get(message.channel)
    if (message === undefined || channel === undefined) return
    channel.give(message.payload)
    if (channel.isFull) this.#pace.wait()
  }

  #goOn(): void {
    if ([...this.#incoming.values()].every((channel) => !channel.isFull)) this.#pace.goOn()
  }
}
