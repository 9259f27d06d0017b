import { KubeletError } from '../../model/errors.ts'
import type { SpdyHeaders } from './frames.ts'

/** More headers than anybody sends with a stream: kubectl sends three. */
const mostHeaders = 100

/** Several values of one name, in one value. */
const separator = '\0'

/**
 * Headers as they are before compression: a count, then name and value in turn, each behind its length in 4 bytes. Of
 * several values of a name the first counts, as for whoever asks Go's `http.Header.Get`. Throws `invalid` for a block
 * that lies about a length, names a header twice or in capitals, or has more after its end (spdystream's read.go).
 */
export function parseHeaderBlock(block: Buffer): SpdyHeaders {
  const reader = new BlockReader(block)
  const count = reader.number()
  if (count > mostHeaders) throw brokenBlock(`it has ${count} headers`)
  const headers = new Map<string, string>()
  for (let index = 0; index < count; index += 1) {
    const name = reader.text()
    const value = reader.text()
    if (name === '' || name !== name.toLowerCase()) throw brokenBlock('a name is empty or has capitals')
    if (headers.has(name)) throw brokenBlock('a name comes twice')
    headers.set(name, value.split(separator, 1)[0] ?? '')
  }
  if (!reader.isAtEnd) throw brokenBlock('something follows its last header')
  return headers
}

export function writeHeaderBlock(headers: SpdyHeaders): Buffer {
  const parts = [...headers].flatMap(([name, value]) => [sized(name.toLowerCase()), sized(value)])
  return Buffer.concat([number(headers.size), ...parts])
}

export function brokenBlock(what: string): KubeletError {
  return new KubeletError('invalid', `a header block cannot be read: ${what}`)
}

class BlockReader {
  readonly #block: Buffer
  #offset = 0

  constructor(block: Buffer) {
    this.#block = block
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#block.length
  }

  number(): number {
    return this.#take(4).readUInt32BE()
  }

  text(): string {
    return this.#take(this.number()).toString('utf8')
  }

  #take(bytes: number): Buffer {
    const end = this.#offset + bytes
    if (end > this.#block.length) throw brokenBlock('it ends too early')
    const taken = this.#block.subarray(this.#offset, end)
    this.#offset = end
    return taken
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([number(bytes.length), bytes])
}
