import type { Duplex } from 'node:stream'

/** How much one stream may have that nobody reads before the socket is not read any more, and all streams together. */
const mostOfStream = 256 * 1024
const mostOfAll = 4 * 1024 * 1024
/** A socket that is not read does not say that its other side is gone; one that is written to does. */
const askEveryMs = 30_000
/** How long one direction of the socket may last when the other one has ended. */
const lingerMs = 2000

export interface ReadingSide {
  read: (chunk: Buffer) => void
  /** Reading waits for the socket to drain. */
  mustWait: () => boolean
  /** Sends a ping with this id. */
  askWhetherThere: (id: number) => void
  /** The socket gives nothing more. Called once at most. */
  ended: () => void
}

/**
 * Reads a socket as far as what was read finds takers. spdystream knows no windows for its streams, so one that nobody
 * reads stops all others in the end: it may keep more than what is on its way usually.
 */
export class SocketReader {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>
  readonly #socket: Duplex
  readonly #side: ReadingSide
  readonly #kept = new Map<number, number>()
  /** Streams that have more than they may. */
  readonly #full = new Set<number>()
  #keptBytes = 0
  #isClosing = false
  #asking: NodeJS.Timeout | undefined
  #lingering: NodeJS.Timeout | undefined
  #nextPing = 2

  constructor(socket: Duplex, side: ReadingSide) {
    this.#socket = socket
    this.#side = side
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    socket.once('close', () => {
      this.#stopAsking()
      clearTimeout(this.#lingering)
      this.#ended()
      resolve()
    })
  }

  start(head: Buffer): void {
    this.#socket.on('error', () => {})
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('drain', () => this.#goOn())
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    if (head.length > 0) this.#read(head)
    if (this.#socket.readableEnded || this.#socket.destroyed) this.#ended()
  }

  /** What a stream keeps in memory has changed by so much. */
  kept(streamId: number, bytes: number): void {
    const now = (this.#kept.get(streamId) ?? 0) + bytes
    this.#keptBytes += bytes
    if (now === 0) this.#kept.delete(streamId)
    else this.#kept.set(streamId, now)
    if (now > mostOfStream) this.#full.add(streamId)
    else if (now <= mostOfStream / 2) this.#full.delete(streamId)
    if (bytes < 0) this.#goOn()
  }

  /**
   * What is to be sent is sent, what comes is thrown away, and the socket is closed when its other side has closed its
   * end, or soon after all is sent. A client that takes its time to read loses nothing.
   */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#stopAsking()
    this.#socket.once('finish', () => this.#linger())
    this.#socket.once('end', () => this.#linger())
    this.#socket.end()
    this.#socket.resume()
    if (this.#socket.readableEnded) this.#linger()
  }

  /** Closes the socket at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#isClosing) return
    this.#side.read(chunk)
    if (this.#mustWait()) this.#pause()
  }

  #mustWait(): boolean {
    if (this.#isClosing) return false
    return this.#full.size > 0 || this.#keptBytes > mostOfAll || this.#side.mustWait()
  }

  #pause(): void {
    this.#socket.pause()
    this.#asking ??= setInterval(() => this.#ask(), askEveryMs).unref()
  }

  #goOn(): void {
    if (this.#asking === undefined || this.#mustWait()) return
    this.#stopAsking()
    this.#socket.resume()
  }

  #ask(): void {
    this.#side.askWhetherThere(this.#nextPing)
    this.#nextPing += 2
  }

  #stopAsking(): void {
    clearInterval(this.#asking)
    this.#asking = undefined
  }

  #ended(): void {
    this.#side.ended()
  }

  /** One of both sides has ended; the other one gets some time for it. */
  #linger(): void {
    clearTimeout(this.#lingering)
    if (this.#socket.writableFinished && this.#socket.readableEnded) this.#socket.destroy()
    else this.#lingering = setTimeout(() => this.#socket.destroy(), lingerMs).unref()
  }
}
