import type { Duplex } from 'node:stream'
import { encodeControlFrame, encodeDataHeader } from './encode-frames.ts'
import type { ControlFrame } from './frames.ts'
import { HeaderDeflater } from './header-compression.ts'

/** The most payload of one data frame: while it is being sent, the other streams wait. */
const mostFrameBytes = 64 * 1024

export type Sent = (error?: Error | null) => void

interface Job {
  readonly streamId: number
  readonly payload: Buffer
  readonly fin: boolean
  readonly sent: Sent
}

/**
 * Sends the frames of all streams over one socket. Data waits while the socket has enough to send, each stream with one
 * job at most, and they take turns frame by frame. Control frames don't wait: `isFlooded` tells whether too much is
 * waiting to be sent for more of the client's frames to be answered.
 *
 * The windows of SPDY/3.1 are not kept to: spdystream, on the other side of every API server and kubectl, sends no
 * WINDOW_UPDATE and throws away those that it gets, so whoever waited for one would wait for ever. What holds back the
 * sender is TCP.
 */
export class FrameWriter {
  readonly #socket: Duplex
  readonly #deflater = new HeaderDeflater()
  #jobs: Job[] = []
  #isWaiting = false

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('drain', () => {
      this.#isWaiting = false
      this.#next()
    })
  }

  get isFlooded(): boolean {
    return this.#socket.writableLength > mostWaitingBytes
  }

  control(frame: ControlFrame): void {
    if (this.#socket.writable) this.#socket.write(encodeControlFrame(frame, this.#deflater))
  }

  /** Sends `payload` on a stream; `sent` is called when the next may come. */
  data(streamId: number, payload: Buffer, sent: Sent): void {
    this.#add({ streamId, payload, fin: false, sent })
  }

  /** Says that nothing more comes on a stream. */
  fin(streamId: number, sent: Sent): void {
    this.#add({ streamId, payload: Buffer.alloc(0), fin: true, sent })
  }

  /** Drops what waits to be sent on a stream, or on all. */
  drop(streamId?: number): void {
    const isDropped = (job: Job): boolean => streamId === undefined || job.streamId === streamId
    const dropped = this.#jobs.filter(isDropped)
    this.#jobs = this.#jobs.filter((job) => !isDropped(job))
    for (const { sent } of dropped) sent()
  }

  #add(job: Job): void {
    this.#jobs.push(job)
    this.#next()
  }

  #next(): void {
    while (!this.#isWaiting) {
      const job = this.#jobs.shift()
      if (job === undefined) return
      this.#send(job)
    }
  }

  #send({ streamId, payload, fin, sent }: Job): void {
    if (!this.#socket.writable) {
      sent()
      return
    }
    const part = payload.subarray(0, mostFrameBytes)
    this.#socket.cork()
    this.#socket.write(encodeDataHeader(streamId, part.length, fin))
    if (part.length > 0) this.#socket.write(part)
    this.#socket.uncork()
    this.#isWaiting = this.#socket.writableNeedDrain
    if (part.length === payload.length) sent()
    else this.#jobs.push({ streamId, payload: payload.subarray(mostFrameBytes), fin, sent })
  }
}

/** Data alone never gets here: it waits from the socket's high water mark on, and adds one frame to that at most. */
const mostWaitingBytes = 256 * 1024
