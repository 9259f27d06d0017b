import type { OutputPart } from './frame-reader.ts'

/** As much of a line as Docker keeps in one record, without its end. */
const recordBytes = 16 * 1024
/** `2026-01-02T03:04:05.123456789Z ` */
const timeBytes = 31
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $/u
const newline = 0x0a

/**
 * Keeps of the times before the records of a terminal's log those at the beginning of lines. There are no frames: of a line
 * that fills one record the next begins with its time right away.
 */
export class RawTimes {
  /** Of the record, without its time. */
  #length = 0
  /** What may be the time of a record within a line. */
  readonly #candidate = Buffer.alloc(timeBytes)
  #candidateLength = 0
  #state: 'time' | 'text' | 'candidate' = 'time'
  #timeLeft = timeBytes

  /** What a chunk adds. */
  read(chunk: Buffer): readonly OutputPart[] {
    return this.#read(chunk).map(stdout)
  }

  /** What was held back when the log has ended. */
  end(): readonly OutputPart[] {
    return this.#candidateLength === 0 ? [] : [stdout(this.#candidate.subarray(0, this.#candidateLength))]
  }

  #read(chunk: Buffer): readonly Buffer[] {
    const parts: Buffer[] = []
    for (let from = 0; from < chunk.length;) {
      const begin = from
      switch (this.#state) {
        case 'time':
          from = this.#passTime(chunk, from)
          break
        case 'text':
          from = this.#passText(chunk, from)
          break
        case 'candidate': {
          from = this.#takeCandidate(chunk, from)
          parts.push(...this.#judgeCandidate())
          continue
        }
        default:
          this.#state satisfies never
      }
      parts.push(chunk.subarray(begin, from))
    }
    return parts
  }

  #passTime(chunk: Buffer, from: number): number {
    const upTo = Math.min(chunk.length, from + this.#timeLeft)
    this.#timeLeft -= upTo - from
    if (this.#timeLeft === 0) this.#beginText()
    return upTo
  }

  #passText(chunk: Buffer, from: number): number {
    const upTo = Math.min(chunk.length, from + recordBytes - this.#length)
    const at = chunk.subarray(from, upTo).indexOf(newline)
    if (at >= 0) {
      this.#state = 'time'
      this.#timeLeft = timeBytes
      return from + at + 1
    }
    this.#length += upTo - from
    if (this.#length === recordBytes) this.#state = 'candidate'
    return upTo
  }

  #takeCandidate(chunk: Buffer, from: number): number {
    const upTo = Math.min(chunk.length, from + timeBytes - this.#candidateLength)
    this.#candidateLength += chunk.copy(this.#candidate, this.#candidateLength, from, upTo)
    return upTo
  }

  /** A time is dropped; anything else is text like any other. */
  #judgeCandidate(): readonly Buffer[] {
    if (this.#candidateLength < timeBytes) return []
    const text = Buffer.from(this.#candidate)
    this.#candidateLength = 0
    this.#beginText()
    return timePattern.test(text.toString('latin1')) ? [] : this.#read(text)
  }

  #beginText(): void {
    this.#state = 'text'
    this.#length = 0
  }
}

function stdout(payload: Buffer): OutputPart {
  return { stream: 'stdout', payload }
}
