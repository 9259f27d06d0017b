import { once } from 'node:events'
import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls, type SecureContextOptions } from 'node:tls'
import type { DockerHost } from './docker-host.ts'

const chunkBytes = 64 * 1024
/** So much at once is as good as it gets. */
const enoughBytes = 32 * 1024
/** Nobody sees that a log of which much comes is so much late. */
const gatherMs = 2
/** What comes after a longer silence is handed out at once. */
const silenceMs = 20
/** Over TCP, the kernel finds out that the other side of a stream is gone. */
const keepAliveDelayMs = 15_000

/**
 * A connection that reads no further than it is read, and what comes in little pieces, one right after the other, it lets
 * gather for a moment: each read has its price, here and on the other side, whatever comes of it.
 */
export class GatheringSocket {
  readonly #socket: Socket
  #chunk: Buffer | undefined
  #ended = false
  #error: Error | undefined
  #wake = Promise.withResolvers<void>()
  #lastAtMs = Number.NEGATIVE_INFINITY

  private constructor(open: (onread: OnReadOpts) => Socket) {
    this.#socket = open({
      buffer: () => Buffer.allocUnsafeSlow(chunkBytes),
      callback: (length, bytes) => {
        this.#chunk = Buffer.from(bytes.buffer, bytes.byteOffset, length)
        this.#wake.resolve()
        // Nothing more is read before this has been taken.
        return false
      },
    })
    this.#socket.on('error', (error) => {
      this.#error = error
      this.#wake.resolve()
    })
    // Its end is seen whether it came with a word or without.
    this.#socket.on('close', () => {
      this.#ended = true
      this.#wake.resolve()
    })
    this.#socket.setKeepAlive(true, keepAliveDelayMs)
  }

  /** Connects. Throws what Node throws. */
  static async connect(host: DockerHost, tls: SecureContextOptions, signal: AbortSignal): Promise<GatheringSocket> {
    const secure = host.kind === 'tcp' && host.certificates !== undefined
    const made = new GatheringSocket((onread) => {
      if (host.kind === 'unix') return connectPlain({ path: host.path, onread })
      // `onread` is missing among the options of tls in Node's types.
      const place = { ...tls, host: host.hostname, port: host.port, onread }
      return secure ? connectTls(place) : connectPlain(place)
    })
    try {
      await once(made.#socket, secure ? 'secureConnect' : 'connect', { signal })
      return made
    } catch (error) {
      made.destroy()
      throw error
    }
  }

  write(text: string): void {
    this.#socket.write(text)
  }

  /** What comes next, for the caller to keep or to change; `undefined` at the end. Throws what broke the connection. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#chunk
      if (chunk !== undefined) {
        this.#chunk = undefined
        return chunk
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) return undefined
      this.#socket.resume()
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
  }

  /** Waits after a chunk that was read, where more of its kind may be on its way. */
  async gather(read: Buffer): Promise<void> {
    const atMs = performance.now()
    if (read.length < enoughBytes && atMs - this.#lastAtMs < silenceMs) await delay(gatherMs)
    this.#lastAtMs = atMs
  }

  /** Whoever reads when `signal` fires gets the error that `reason` makes. */
  endOn(signal: AbortSignal, reason: () => Error): void {
    const end = (): void => this.destroy(reason())
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    this.#socket.once('close', () => signal.removeEventListener('abort', end))
  }

  /** Whoever reads gets `reason`, or the end. */
  destroy(reason?: Error): void {
    this.#socket.destroy(reason)
  }
}
