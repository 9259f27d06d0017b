import type { OutputStream } from './streams/frame-reader.ts'

/** The first bytes of what a command writes; the rest is read, so that it can go on, and dropped. */
export class KeptOutput {
  readonly #maxBytes: number
  readonly #kept: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  readonly #left: Record<OutputStream, number>

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#left = { stdout: maxBytes, stderr: maxBytes }
  }

  add(stream: OutputStream, payload: Buffer): void {
    const kept = payload.subarray(0, this.#left[stream])
    if (kept.length === 0) return
    // Copied: a part of a chunk would keep the whole of it.
    this.#kept[stream].push(Buffer.from(kept))
    this.#left[stream] -= kept.length
  }

  /** Stdout, then stderr, together at most `maxBytes`; a character that the cut goes through is left out. */
  text(): string {
    const bytes = Buffer.concat([...this.#kept.stdout, ...this.#kept.stderr]).subarray(0, this.#maxBytes)
    return new TextDecoder().decode(bytes, { stream: true })
  }
}
