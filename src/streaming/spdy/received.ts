/** Payload less than this is handed out together with what follows it. */
const smallBytes = 4 * 1024
const joinedBytes = 16 * 1024
/** What keeping a chunk costs beside its bytes, roughly. */
const chunkOverhead = 256

/**
 * What came on a stream and is not read yet. A chunk is a part of what the socket read at once: a small part is copied,
 * since it would keep the whole in memory.
 */
export class Received {
  #chunks: Buffer[] = []
  /** What it takes of memory, in bytes. */
  cost = 0

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  add(chunk: Buffer): void {
    const kept = chunk.length * 2 < chunk.buffer.byteLength ? alone(chunk) : chunk
    this.#chunks.push(kept)
    this.cost += kept.length + chunkOverhead
  }

  /** The next chunk, or several small ones in one; undefined when there is none. */
  take(): Buffer | undefined {
    const [first] = this.#chunks
    if (first === undefined) return undefined
    let count = 1
    let bytes = first.length
    while (bytes < smallBytes) {
      const next = this.#chunks[count]
      if (next === undefined || bytes + next.length > joinedBytes) break
      count += 1
      bytes += next.length
    }
    const taken = this.#chunks.splice(0, count)
    this.cost -= bytes + count * chunkOverhead
    return count === 1 ? first : Buffer.concat(taken, bytes)
  }

  clear(): void {
    this.#chunks = []
    this.cost = 0
  }
}

/** A copy that is not in Node's pool, which is kept in memory by the last one of those who share it. */
function alone(chunk: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(chunk.length)
  chunk.copy(copy)
  return copy
}
