import type { Duplex } from 'node:stream'
import { FrameDecoder } from '../../src/streaming/spdy/decode-frames.ts'
import { encodeControlFrame, encodeDataHeader } from '../../src/streaming/spdy/encode-frames.ts'
import type { ControlFrame, SpdyFrame } from '../../src/streaming/spdy/frames.ts'
import { HeaderDeflater } from '../../src/streaming/spdy/header-compression.ts'

/** The client's side of SPDY over `socket`: sends what it is told, keeps what it gets. */
export class SpdyClient {
  readonly frames: SpdyFrame[] = []
  /** The socket has given all that it will. */
  isOver = false
  readonly #socket: Duplex
  readonly #deflater = new HeaderDeflater()
  #nextId = 1
  #look: () => void = () => {}

  constructor(socket: Duplex) {
    this.#socket = socket
    const decoder = new FrameDecoder()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.frames.push(...decoder.decode(chunk))
      this.#look()
    })
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isOver = true
        this.#look()
      })
    }
  }

  send(frame: ControlFrame): void {
    this.raw(encodeControlFrame(frame, this.#deflater))
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Opens a stream with these headers, and gives its id. */
  open(headers: Readonly<Record<string, string>> = {}, { fin = false, unidirectional = false } = {}): number {
    const streamId = this.#nextId
    this.#nextId += 2
    this.send({ kind: 'syn-stream', streamId, fin, unidirectional, headers: new Map(Object.entries(headers)) })
    return streamId
  }

  data(streamId: number, payload: Buffer | string, { fin = false } = {}): void {
    const bytes = Buffer.from(payload)
    this.raw(Buffer.concat([encodeDataHeader(streamId, bytes.length, fin), bytes]))
  }

  end(): void {
    this.#socket.end()
  }

  /** What came on a stream so far. */
  received(streamId: number): Buffer {
    return Buffer.concat(this.frames.flatMap((frame) => (isData(frame, streamId) ? [frame.payload] : [])))
  }

  hasEnded(streamId: number): boolean {
    return this.frames.some((frame) => isData(frame, streamId) && frame.fin)
  }

  hasReset(streamId: number): boolean {
    return this.frames.some((frame) => frame.kind === 'rst-stream' && frame.streamId === streamId)
  }

  ofKind<K extends SpdyFrame['kind']>(kind: K): readonly Extract<SpdyFrame, { kind: K }>[] {
    return this.frames.filter((frame): frame is Extract<SpdyFrame, { kind: K }> => frame.kind === kind)
  }

  /** Waits until what came makes `isThere` true; throws when the socket ends before. */
  async until(isThere: (client: this) => boolean): Promise<void> {
    while (!isThere(this)) {
      if (this.isOver) throw new Error(`the socket ended after ${JSON.stringify(this.frames)}`)
      await this.#change()
    }
  }

  /** Waits until the socket has given all that it will. */
  async over(): Promise<void> {
    while (!this.isOver) await this.#change()
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#look = resolve
    return promise
  }
}

function isData(frame: SpdyFrame, streamId: number): frame is Extract<SpdyFrame, { kind: 'data' }> {
  return frame.kind === 'data' && frame.streamId === streamId
}
