import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import { KubeletError } from '../../model/errors.ts'
import type { SpdyConnection } from '../spdy/connection.ts'
import type { SpdyStream } from '../spdy/spdy-stream.ts'
import { forwardedStream } from './stream-headers.ts'

/** What the client gets to open the second stream of a pair: the kubelet's `streamCreationTimeout`. */
const pairMs = 30_000

export interface SpdyForwards {
  /** The Pod as errors name it. */
  readonly pod: string
  readonly uid: string
  /** Joins `data` with a port of the Pod until both directions have ended. Throws what becomes of it otherwise. */
  readonly forward: (port: number, data: Duplex, signal: AbortSignal) => Promise<void>
}

/**
 * Forwards what comes over a connection, whatever carries it: the client opens a data and an error stream for each of its
 * connections, and both end with it. Streams are to have been refused with `refusalOf`. Resolves when the connection is
 * closed and nothing is forwarded any more; throws then what the client did wrong, if that closed it.
 */
export async function forwardStreams(connection: SpdyConnection, options: SpdyForwards): Promise<void> {
  const over = new AbortController()
  const pairs = new Pairs(options, over.signal)
  try {
    for await (const stream of connection.streams()) pairs.add(stream)
  } finally {
    over.abort()
    await pairs.ended()
  }
  await connection.closed
  if (connection.fault !== undefined) throw connection.fault
}

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
  readonly timer: NodeJS.Timeout
}

class Pairs {
  readonly #options: SpdyForwards
  readonly #signal: AbortSignal
  /** Those of which only one stream is there. */
  readonly #waiting = new Map<string, Pair>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: SpdyForwards, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  add(stream: SpdyStream): void {
    // Reset already.
    if (stream.destroyed) return
    const { type, port, requestId } = forwardedStream(stream.id, stream.headers)
    const pair = this.#waiting.get(requestId) ?? this.#begin(requestId)
    if (pair[type] !== undefined) {
      stream.reset()
      pair.error?.write(`error processing stream for request ${requestId}: ${type} stream already assigned`)
      return
    }
    pair[type] = stream
    stream.once('close', () => this.#giveUp(requestId, pair))
    // Nothing comes on it, and it is over only when that has been read.
    if (type === 'error') stream.resume()
    const { data, error } = pair
    if (data === undefined || error === undefined) return
    this.#forget(requestId, pair)
    const running = this.#forward(type === 'data' ? port : forwardedStream(data.id, data.headers).port, data, error)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  async ended(): Promise<void> {
    for (const [requestId, pair] of this.#waiting) this.#forget(requestId, pair)
    await Promise.all(this.#running)
  }

  #begin(requestId: string): Pair {
    const pair: Pair = { timer: setTimeout(() => void this.#expire(requestId), pairMs) }
    this.#waiting.set(requestId, pair)
    return pair
  }

  #forget(requestId: string, pair: Pair): void {
    clearTimeout(pair.timer)
    this.#waiting.delete(requestId)
  }

  /** Of a pair of which one is gone nothing is kept: a client may open and reset streams without end. */
  #giveUp(requestId: string, pair: Pair): void {
    if (this.#waiting.get(requestId) !== pair) return
    this.#forget(requestId, pair)
    pair.data?.reset()
    // A reset of this one would be the end of all for kubectl.
    pair.error?.end()
  }

  async #expire(requestId: string): Promise<void> {
    const pair = this.#waiting.get(requestId)
    this.#waiting.delete(requestId)
    pair?.data?.reset()
    await fail(pair?.error, `(conn=spdy, request=${requestId}) timed out waiting for streams`)
  }

  async #forward(port: number, data: SpdyStream, error: SpdyStream): Promise<void> {
    const { pod, uid, forward } = this.#options
    try {
      await forward(port, data, this.#signal)
      for (const stream of [data, error]) if (!stream.writableEnded) stream.end()
      // What the client goes on to send has nowhere to go.
      data.resume()
    } catch (fault) {
      const { message } = KubeletError.from(fault)
      await fail(error, `error forwarding port ${port} to pod ${pod}, uid ${uid}: ${message}`)
      data.reset()
    }
  }
}

/** Says what went wrong, then resets the stream, so that the client gives up both (Kubernetes 1.36). */
async function fail(error: SpdyStream | undefined, message: string): Promise<void> {
  if (error === undefined || error.destroyed) return
  error.end(message)
  await finished(error, { readable: false }).catch(() => 'the client has gone')
  error.reset()
}
