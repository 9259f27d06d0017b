import { Readable, Writable } from 'node:stream'

/** What is kept of a channel that nobody reads at the moment. */
const keptBytes = 64 * 1024

/** What a client sends on one channel. */
export class IncomingChannel extends Readable {
  readonly #onRoom: () => void
  #isOver = false
  /** Until more is wanted, which is said before what was there is taken out. */
  #isFull = false

  /** @param onRoom Called when more is wanted, or nothing ever again. */
  constructor(onRoom: () => void) {
    super({ highWaterMark: keptBytes })
    this.#onRoom = onRoom
    this.on('error', () => {})
  }

  /** What comes after the end is dropped. */
  give(payload: Buffer): void {
    if (!this.#isOver && !this.destroyed && payload.length > 0) this.#isFull = !this.push(payload)
  }

  get isFull(): boolean {
    return this.#isFull && !this.destroyed
  }

  /** The client sends no more; said again it means nothing. */
  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.push(null)
  }

  override _read(): void {
    this.#isFull = false
    this.#onRoom()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#onRoom()
    callback(error)
  }
}

/** Sends a message; calls back when the connection has taken it. */
export type Send = (payload: Buffer, done: (error?: Error | null) => void) => void

/** What is sent to a client on one channel, a message for each write. Its end is not told: there is no message for it. */
export class OutgoingChannel extends Writable {
  readonly #send: Send

  constructor(send: Send) {
    super({ highWaterMark: keptBytes })
    this.#send = send
    this.on('error', () => {})
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#send(chunk, callback)
  }
}
