import type { Duplex } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import { Bell } from '../../util/bell.ts'
import { FrameDecoder } from './decode-frames.ts'
import { FrameWriter } from './frame-writer.ts'
import { goAwayStatus, rstStatus, type SpdyFrame, type SpdyHeaders, type SynStream } from './frames.ts'
import { IdleTimer } from './idle-timer.ts'
import { SocketReader } from './socket-reader.ts'
import { SpdyStream } from './spdy-stream.ts'

export interface SpdyOptions {
  /** The connection is closed when no frame went either way for so long. */
  readonly idleTimeoutMs: number
  /** Closes the connection when it fires. */
  readonly signal: AbortSignal
  /** Why a stream that is opened with these headers is not taken: it is reset. All are taken without this. */
  readonly refuse?: (headers: SpdyHeaders) => string | undefined
}

/** Streams of one connection at once; one more is refused. A forwarded connection takes two. */
const mostStreams = 2048

/**
 * A connection over which a client opens streams. All that it holds is let go when its socket ends, whenever that is:
 * its streams are destroyed then, with an error.
 */
export interface SpdyConnection {
  /** The streams that the client opens, as they come; to be read once. Ends when the connection does. */
  streams: () => AsyncIterable<SpdyStream>
  /** Resolves when the socket is closed. Never rejects. */
  readonly closed: Promise<void>
  /** What ended the connection, where that was a frame that can't be read: `invalid`. Anything else is a fault of ours. */
  readonly fault: Error | undefined
  /** Resets the streams that are open, says goodbye, and closes the socket when the client has, or soon. */
  close: () => void
}

/**
 * The server's side of SPDY/3.1 over a socket that has been upgraded, or over anything else that carries bytes.
 *
 * @param head What came on the socket behind the request.
 */
export function acceptSpdy(socket: Duplex, head: Buffer, options: SpdyOptions): SpdyConnection {
  return new ServerConnection(socket, head, options)
}

class ServerConnection implements SpdyConnection {
  readonly closed: Promise<void>
  fault: Error | undefined
  readonly #options: SpdyOptions
  readonly #decoder = new FrameDecoder()
  readonly #writer: FrameWriter
  readonly #reader: SocketReader
  readonly #idle: IdleTimer
  readonly #streams = new Map<number, SpdyStream>()
  readonly #over = new AbortController()
  readonly #bell = new Bell()
  #opened: SpdyStream[] = []
  #lastStreamId = 0

  constructor(socket: Duplex, head: Buffer, options: SpdyOptions) {
    this.#options = options
    this.#writer = new FrameWriter(socket)
    this.#idle = new IdleTimer(options.idleTimeoutMs, () => this.#expire())
    this.#reader = new SocketReader(socket, {
      read: (chunk) => this.#read(chunk),
      mustWait: () => this.#writer.isFlooded,
      askWhetherThere: (id) => this.#writer.control({ kind: 'ping', id }),
      ended: () => this.#end(goAwayStatus.ok, goneAway()),
    })
    this.closed = this.#reader.closed.then(() => this.#idle.stop())
    const close = (): void => this.close()
    options.signal.addEventListener('abort', close, { once: true })
    this.#over.signal.addEventListener('abort', () => options.signal.removeEventListener('abort', close))
    this.#reader.start(head)
    if (options.signal.aborted) this.close()
  }

  async *streams(): AsyncGenerator<SpdyStream, void, undefined> {
    for (;;) {
      const stream = this.#opened.shift()
      if (stream !== undefined) yield stream
      else if (this.#over.signal.aborted) return
      else await this.#bell.wait(undefined, this.#over.signal)
    }
  }

  close(): void {
    this.#end(goAwayStatus.ok, undefined)
  }

  /** A client that does not take what is left for it to read is not waited for, either. */
  #expire(): void {
    if (this.#over.signal.aborted) this.#reader.destroy()
    else this.close()
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#decoder.decode(chunk)) {
        if (this.#over.signal.aborted) return
        this.#idle.restart()
        this.#take(frame)
      }
    } catch (error) {
      this.fault = error instanceof Error ? error : KubeletError.from(error)
      this.#end(goAwayStatus.protocolError, KubeletError.from(error))
    }
  }

  #take(frame: SpdyFrame): void {
    switch (frame.kind) {
      case 'syn-stream':
        return this.#open(frame)
      case 'data':
        return this.#data(frame.streamId, frame.payload, frame.fin)
      case 'headers':
        if (frame.fin) this.#data(frame.streamId, Buffer.alloc(0), true)
        return
      case 'rst-stream':
        return this.#drop(
          frame.streamId,
          new KubeletError('unavailable', `the client has reset stream ${frame.streamId}`),
        )
      case 'ping':
        // An even one answers ours.
        if (frame.id % 2 === 1) this.#writer.control(frame)
        return
      case 'goaway':
        return this.#end(goAwayStatus.ok, goneAway())
      case 'syn-reply':
      case 'settings':
      case 'window-update':
        return
      default:
        frame satisfies never
    }
  }

  #open({ streamId, fin, unidirectional, headers }: SynStream): void {
    if (streamId % 2 === 0 || streamId <= this.#lastStreamId) return this.#reset(streamId, rstStatus.protocolError)
    this.#lastStreamId = streamId
    if (this.#streams.size >= mostStreams) return this.#reset(streamId, rstStatus.refusedStream)
    if (this.#options.refuse?.(headers) !== undefined) return this.#reset(streamId, rstStatus.cancel)
    const stream = new SpdyStream(
      {
        send: (payload, sent) => this.#send(() => this.#writer.data(streamId, payload, sent)),
        sendFin: (sent) => this.#send(() => this.#writer.fin(streamId, sent)),
        kept: (bytes) => this.#reader.kept(streamId, bytes),
        gone: (isComplete) => this.#gone(streamId, isComplete),
      },
      { id: streamId, headers, isEnded: fin, isReadOnly: unidirectional },
    )
    this.#streams.set(streamId, stream)
    // Go's client waits for this one, and throws away what comes before it.
    this.#writer.control({ kind: 'syn-reply', streamId, fin: unidirectional, headers: new Map() })
    this.#opened.push(stream)
    this.#bell.ring()
  }

  /** What comes on a stream that is over was sent before the client knew. */
  #data(streamId: number, payload: Buffer, fin: boolean): void {
    const stream = this.#streams.get(streamId)
    if (stream === undefined) return
    if (stream.isEnded) {
      this.#drop(
        streamId,
        new KubeletError('invalid', `the client went on to send on stream ${streamId} after its end`),
      )
      return this.#reset(streamId, rstStatus.streamAlreadyClosed)
    }
    if (payload.length > 0) stream.receive(payload)
    if (fin) stream.receiveEnd()
  }

  #send(send: () => void): void {
    this.#idle.restart()
    send()
  }

  #reset(streamId: number, status: number): void {
    this.#writer.control({ kind: 'rst-stream', streamId, status })
  }

  /** Ends a stream of which the client needs not be told. */
  #drop(streamId: number, error: KubeletError): void {
    const stream = this.#streams.get(streamId)
    this.#streams.delete(streamId)
    stream?.destroy(error)
  }

  #gone(streamId: number, isComplete: boolean): void {
    this.#writer.drop(streamId)
    if (this.#streams.delete(streamId) && !isComplete) this.#reset(streamId, rstStatus.cancel)
  }

  #end(status: number, error: KubeletError | undefined): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#idle.restart()
    for (const stream of this.#streams.values()) stream.destroy(error)
    this.#opened = []
    this.#writer.control({ kind: 'goaway', lastStreamId: this.#lastStreamId, status })
    this.#reader.close()
  }
}

function goneAway(): KubeletError {
  return new KubeletError('unavailable', 'the client has gone away')
}
