import { KubeletError } from '../../model/errors.ts'

/** Which of its two outputs a process has written to. */
export type OutputStream = 'stdout' | 'stderr'

/** Bytes of one output, as many as came in one go: of one frame, of many, or of a part of one. */
export interface OutputPart {
  readonly stream: OutputStream
  readonly payload: Buffer
}

/** Docker's word in a frame of its own that it cannot go on, in place of output. */
export interface FrameError {
  readonly stream: 'error'
  readonly payload: Buffer
}

export interface FrameReaderOptions {
  /** Each frame begins with its record's time, which only the beginning of a line keeps. */
  readonly timed?: boolean
}

/** A frame of a container's output: 1 byte for whose it is, 3 unused, 4 for the length of what follows. */
const headerBytes = 8
const space = 0x20
const newline = 0x0a

/**
 * Takes the frames out of the output of something that has no terminal, wherever it is cut into chunks.
 *
 * Built for speed: a log is millions of short frames. What frames of one stream hold is moved together within the chunk
 * itself, so a chunk becomes one part for each change of stream, and nothing is made for each frame. A chunk that was
 * given belongs to the reader.
 */
export class FrameReader {
  readonly #timed: boolean
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  #stream: OutputStream | 'error' = 'stdout'
  /** Bytes of the frame that are still to come. */
  #left = 0
  /** Within a time that is not to be shown. */
  #skipping = false
  /** What was shown last ended a line, be it the other stream's, as in the kubelet. */
  #atLineBegin = true

  constructor({ timed = false }: FrameReaderOptions = {}) {
    this.#timed = timed
  }

  /** What a chunk adds, in the order in which it was written. Throws `internal` for what is no frame. */
  read(chunk: Buffer): readonly (OutputPart | FrameError)[] {
    const parts: (OutputPart | FrameError)[] = []
    let from = 0
    /** What is shown lies from `begin` to `end`; never past `from`. */
    let begin = 0
    let end = 0
    while (from < chunk.length) {
      if (this.#left === 0) {
        const before = this.#stream
        from = this.#readHeader(chunk, from)
        if (this.#stream === before) continue
        if (end > begin) parts.push({ stream: before, payload: chunk.subarray(begin, end) })
        begin = end
        continue
      }
      const upTo = Math.min(chunk.length, from + this.#left)
      this.#left -= upTo - from
      if (this.#skipping) from = this.#skipTime(chunk, from, upTo)
      if (from < upTo) {
        if (from !== end) chunk.copyWithin(end, from, upTo)
        end += upTo - from
        this.#atLineBegin = chunk[end - 1] === newline
        from = upTo
      }
    }
    if (end > begin) parts.push({ stream: this.#stream, payload: chunk.subarray(begin, end) })
    return parts
  }

  /** A stream that ends elsewhere than between two frames was cut: throws `unavailable`. */
  end(): readonly OutputPart[] {
    if (this.#left === 0 && this.#headerLength === 0) return []
    throw new KubeletError('unavailable', "Docker's stream ended in the middle of a frame")
  }

  /** Returns where the header, or the chunk, ends. */
  #readHeader(chunk: Buffer, from: number): number {
    let at = from
    if (this.#headerLength === 0 && chunk.length - from >= headerBytes) {
      this.#begin(chunk, from)
      return from + headerBytes
    }
    while (at < chunk.length && this.#headerLength < headerBytes) {
      this.#header[this.#headerLength++] = chunk[at++] ?? 0
    }
    if (this.#headerLength < headerBytes) return at
    this.#headerLength = 0
    this.#begin(this.#header, 0)
    return at
  }

  #begin(bytes: Buffer, at: number): void {
    this.#stream = streamOf(bytes[at])
    this.#left = bytes.readUInt32BE(at + 4)
    this.#skipping = this.#timed && !this.#atLineBegin && this.#stream !== 'error'
    // A record without a word is a line of its own, as in the kubelet.
    if (this.#timed) this.#atLineBegin = true
  }

  /** Returns where the time, or what there is of it, ends. */
  #skipTime(chunk: Buffer, from: number, upTo: number): number {
    let at = from
    while (at < upTo && chunk[at] !== space) at++
    if (at === upTo) return upTo
    this.#skipping = false
    return at + 1
  }
}

function streamOf(number: number | undefined): OutputStream | 'error' {
  switch (number) {
    case 0:
    case 1:
      return 'stdout'
    case 2:
      return 'stderr'
    case 3:
      return 'error'
    default:
      throw new KubeletError('internal', `Docker's stream has a frame of an unknown kind, ${number}`)
  }
}
