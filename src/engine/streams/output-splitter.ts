import { KubeletError } from '../../model/errors.ts'

/** Some bytes of one of the two outputs. */
export interface OutputPart {
  readonly stream: 'stdout' | 'stderr'
  readonly payload: Buffer
}

/** A frame of Docker's: 1 byte for the stream, 3 unused, 4 for the length of what follows. */
const headerBytes = 8
/** Streams 0 and 1 are stdout; 3 is the daemon's own word for what went wrong. */
const streams = ['stdout', 'stdout', 'stderr', 'daemon'] as const

/**
 * Takes Docker's frames apart as they come, with nothing kept but a header that is cut in two: a frame says its length,
 * up to 4 GiB, and is handed on without waiting for the whole of it. Keeps state: one for each connection.
 */
export class OutputSplitter {
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  #left = 0
  #stream: (typeof streams)[number] = 'stdout'

  /** What `chunk` brings, in its order. Throws `internal` for what is no frame, or when the daemon tells of an error of its own. */
  split(chunk: Buffer): readonly OutputPart[] {
    const parts: OutputPart[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        at += this.#readHeader(chunk.subarray(at))
        continue
      }
      const payload = chunk.subarray(at, at + this.#left)
      at += payload.length
      this.#left -= payload.length
      if (this.#stream === 'daemon') throw new KubeletError('internal', `Docker's stream: ${payload.toString()}`)
      parts.push({ stream: this.#stream, payload })
    }
    return parts
  }

  /** True between two frames: a stream that ends elsewhere was cut. */
  get isWhole(): boolean {
    return this.#left === 0 && this.#headerLength === 0
  }

  /** Returns how many bytes it took. */
  #readHeader(chunk: Buffer): number {
    const taken = chunk.copy(this.#header, this.#headerLength, 0, headerBytes - this.#headerLength)
    this.#headerLength += taken
    if (this.#headerLength < headerBytes) return taken
    const number = this.#header.readUInt8(0)
    const stream = streams[number]
    if (stream === undefined)
      throw new KubeletError('internal', `Docker's stream has a frame of an unknown kind, ${number}`)
    this.#stream = stream
    this.#left = this.#header.readUInt32BE(4)
    this.#headerLength = 0
    return taken
  }
}
