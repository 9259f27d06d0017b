/**
 * All header blocks of a connection, in one direction, are one zlib stream that is flushed after each block. Neither
 * side needs a zlib object that lives as long as the connection (a deflating one takes 256 KiB): each block is inflated
 * at once, with what was said before as its dictionary, and written without being compressed, which zlib allows.
 */
import { constants, inflateRawSync } from 'node:zlib'
import { spdyDictionary, spdyDictionaryId } from './dictionary.ts'
import { brokenBlock } from './header-block.ts'

/** The most that one header block may have when inflated: each stream keeps its own. kubectl's have less than 200 bytes. */
const mostBlockBytes = 8 * 1024
/** How far back a zlib stream can refer. */
const windowBytes = 32 * 1024
/** Compression method, flags, and the id of the dictionary (RFC 1950). */
const zlibHeaderBytes = 6
const namesDictionary = 0x20

/** Reads header blocks, which have to come in their order. */
export class HeaderInflater {
  /** What references of the next block can point at. */
  #said = spdyDictionary
  #hasBegun = false

  /** One block as it was before compression. Throws `invalid` when it can't be inflated, or to too much. */
  inflate(block: Buffer): Buffer {
    const deflated = this.#hasBegun ? block : withoutZlibHeader(block)
    this.#hasBegun = true
    const inflated = inflateBlock(deflated, this.#said)
    this.#said = Buffer.concat([this.#said, inflated]).subarray(-windowBytes)
    return inflated
  }
}

/** Writes header blocks as stored ones (RFC 1951, 3.2.4). */
export class HeaderDeflater {
  #hasBegun = false

  deflate(block: Buffer): Buffer {
    const parts = this.#hasBegun ? [] : [zlibHeader()]
    this.#hasBegun = true
    for (let start = 0; start < block.length; start += mostStoredBytes) {
      parts.push(stored(block.subarray(start, start + mostStoredBytes)))
    }
    // Go's reader hands out what it has read when an empty block comes: that's what a flush writes.
    return Buffer.concat([...parts, stored(Buffer.alloc(0))])
  }
}

const mostStoredBytes = 0xffff

function stored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt16LE(bytes.length, 1)
  header.writeUInt16LE(bytes.length ^ 0xffff, 3)
  return Buffer.concat([header, bytes])
}

/** Deflate with a window of 32 KiB, then the flags with a check sum of both. */
const deflateMethod = 0x78
const flags = 0xbb

function zlibHeader(): Buffer {
  const header = Buffer.from([deflateMethod, flags, 0, 0, 0, 0])
  header.writeUInt32BE(spdyDictionaryId, 2)
  return header
}

function withoutZlibHeader(block: Buffer): Buffer {
  if (block.length < zlibHeaderBytes) throw brokenBlock('it ends too early')
  const start = block.readUInt16BE(0)
  const isDeflated = ((start >> 8) & 0x0f) === 8 && start % 31 === 0
  if (!isDeflated) throw brokenBlock('it is not compressed by zlib')
  if ((start & namesDictionary) === 0 || block.readUInt32BE(2) !== spdyDictionaryId) {
    throw brokenBlock("it is not compressed with SPDY/3's dictionary")
  }
  return block.subarray(zlibHeaderBytes)
}

function inflateBlock(block: Buffer, dictionary: Buffer): Buffer {
  try {
    return inflateRawSync(block, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: mostBlockBytes,
      chunkSize: 4096,
    })
  } catch (error) {
    throw brokenBlock(error instanceof Error ? error.message : String(error))
  }
}
