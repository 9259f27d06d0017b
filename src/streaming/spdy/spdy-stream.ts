import { Duplex } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import type { SpdyHeaders } from './frames.ts'
import type { Sent } from './frame-writer.ts'
import { Received } from './received.ts'

/** What a stream needs of its connection. */
export interface StreamLink {
  send: (payload: Buffer, sent: Sent) => void
  sendFin: (sent: Sent) => void
  /** What the stream keeps in memory has changed by so much. */
  kept: (bytes: number) => void
  /** The stream is over; `isComplete` when both sides have said so. */
  gone: (isComplete: boolean) => void
}

export interface StreamStart {
  readonly id: number
  readonly headers: SpdyHeaders
  /** The client sends nothing. */
  readonly isEnded: boolean
  /** The client takes nothing. */
  readonly isReadOnly: boolean
}

/**
 * One stream of a connection. `end()` says that nothing more is sent and leaves the other direction open. It is over when
 * both directions have ended **and** what came was read: whoever does not care for what comes calls `resume()`. Before
 * that `destroy()` resets it. It is destroyed with `unavailable` when the client resets it or goes away; an error that
 * nobody listens for harms nothing.
 */
export class SpdyStream extends Duplex {
  readonly id: number
  /** What the client has opened it with; names in lower case: `streamtype`, `port`, `requestid`. */
  readonly headers: SpdyHeaders
  readonly #link: StreamLink
  readonly #received = new Received()
  #isWanted = false
  #isEnded: boolean
  #hasSentFin: boolean

  constructor(link: StreamLink, { id, headers, isEnded, isReadOnly }: StreamStart) {
    // What waits to be read waits in `#received`, where it is counted.
    super({ allowHalfOpen: true, readableHighWaterMark: 1 })
    this.#link = link
    this.id = id
    this.headers = headers
    this.#isEnded = isEnded
    this.#hasSentFin = isReadOnly
    this.on('error', () => {})
    if (isReadOnly) this.end()
  }

  /** The client has ended its direction. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Ends both directions at once; the client is told so. */
  reset(): void {
    this.destroy()
  }

  /** For the connection: data has come. */
  receive(payload: Buffer): void {
    const before = this.#received.cost
    this.#received.add(payload)
    this.#link.kept(this.#received.cost - before)
    this.#flow()
  }

  /** For the connection: nothing more comes. */
  receiveEnd(): void {
    this.#isEnded = true
    this.#flow()
  }

  override _read(): void {
    this.#isWanted = true
    this.#flow()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, sent: Sent): void {
    if (this.#hasSentFin) sent(new KubeletError('invalid', `stream ${this.id} takes nothing`))
    else if (chunk.length === 0) sent()
    else this.#link.send(chunk, sent)
  }

  override _final(sent: Sent): void {
    if (this.#hasSentFin) return sent()
    this.#hasSentFin = true
    this.#link.sendFin(sent)
  }

  override _destroy(error: Error | null, done: Sent): void {
    this.#link.kept(-this.#received.cost)
    this.#received.clear()
    this.#link.gone(this.#isEnded && this.#hasSentFin)
    done(error)
  }

  #flow(): void {
    while (this.#isWanted && !this.destroyed) {
      const before = this.#received.cost
      const chunk = this.#received.take()
      if (chunk === undefined) break
      this.#link.kept(this.#received.cost - before)
      this.#isWanted = this.push(chunk)
    }
    if (this.#isEnded && this.#received.isEmpty && !this.readableEnded) this.push(null)
  }
}
