import type { SpdyHeaders } from './frames.ts'
import type { SpdyStream } from './spdy-stream.ts'

/** What a stream of a command is for: its header `streamType`. */
export type CommandStreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize'

/** The streams of a command as the client opens them, in whatever order. */
export class CommandStreams {
  readonly #expected: ReadonlySet<CommandStreamType>
  readonly #admitted = new Set<CommandStreamType>()
  readonly #streams = new Map<CommandStreamType, SpdyStream>()

  constructor(expected: ReadonlySet<CommandStreamType>) {
    this.#expected = expected
  }

  get areComplete(): boolean {
    return this.#streams.size === this.#expected.size
  }

  get(type: CommandStreamType): SpdyStream | undefined {
    return this.#streams.get(type)
  }

  /** Why a stream with these headers is of no use: nothing was asked for that it is for, or there is one already. */
  refuse(headers: SpdyHeaders): string | undefined {
    const type = this.#typeOf(headers)
    if (type === undefined) return 'unexpected stream type'
    if (this.#admitted.has(type)) return `there is a stream for ${type} already`
    this.#admitted.add(type)
    return undefined
  }

  /** Keeps a stream that was not refused. */
  add(stream: SpdyStream): void {
    const type = this.#typeOf(stream.headers)
    if (type !== undefined) this.#streams.set(type, stream)
  }

  #typeOf(headers: SpdyHeaders): CommandStreamType | undefined {
    const given = headers.get('streamtype')
    return [...this.#expected].find((one) => one === given)
  }
}
