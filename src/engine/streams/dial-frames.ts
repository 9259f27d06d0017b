/** What `pause dial` reads and writes, see engine/pause/dial.c: a kind, a length of three bytes, and so many bytes. */
import { KubeletError } from '../../model/errors.ts'

export type DialFrame =
  | { readonly kind: 'connected' }
  /** Some of the port's data, in its order. */
  | { readonly kind: 'data'; readonly payload: Buffer }
  /** The end of the port's data. */
  | { readonly kind: 'end' }

const headerBytes = 4
const longestPayload = 2 ** 24 - 1
const kinds = { connected: code('c'), data: code('d'), end: code('e') }

/** The client's data as `pause dial` takes it, without a copy: headers and payloads in turn. */
export function dataFrames(data: Buffer): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < data.length; at += longestPayload) {
    const payload = data.subarray(at, at + longestPayload)
    parts.push(header(kinds.data, payload.length), payload)
  }
  return parts
}

/** The end of the client's data. */
export function endFrame(): Buffer {
  return header(kinds.end, 0)
}

/**
 * Takes the output of `pause dial` apart as it comes, keeping nothing but a header that is cut in
 * two. One for each connection.
 */
export class DialFrameReader {
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  #left = 0

  /** What `chunk` brings. Throws `internal` for what `pause dial` does not write. */
  read(chunk: Buffer): readonly DialFrame[] {
    const frames: DialFrame[] = []
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const payload = chunk.subarray(at, at + this.#left)
        frames.push({ kind: 'data', payload })
        at += payload.length
        this.#left -= payload.length
        continue
      }
      const taken = chunk.copy(this.#header, this.#headerLength, at)
      at += taken
      this.#headerLength += taken
      if (this.#headerLength < headerBytes) break
      this.#headerLength = 0
      this.#begin(frames)
    }
    return frames
  }

  #begin(frames: DialFrame[]): void {
    const kind = this.#header.readUInt8(0)
    const length = this.#header.readUIntBE(1, 3)
    if (kind === kinds.data) {
      this.#left = length
    } else if (kind === kinds.connected && length === 0) {
      frames.push({ kind: 'connected' })
    } else if (kind === kinds.end && length === 0) {
      frames.push({ kind: 'end' })
    } else {
      throw new KubeletError('internal', `pause dial has written what is no frame: ${this.#header.toString('hex')}`)
    }
  }
}

function header(kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  bytes.writeUInt32BE(length)
  bytes.writeUInt8(kind)
  return bytes
}

function code(letter: string): number {
  return letter.charCodeAt(0)
}
