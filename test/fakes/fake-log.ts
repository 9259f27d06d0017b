import type { OutputPart, OutputStream } from '../../src/engine/streams/frame-reader.ts'
import type { LogOptions, LogTime } from '../../src/engine/streams/logs.ts'
import { abortable } from '../../src/util/abortable.ts'

/** As much of a line as Docker keeps in one record. */
const recordBytes = 16 * 1024

interface FakeRecord {
  readonly stream: OutputStream
  readonly time: LogTime
  readonly payload: Buffer
}

/** What a container of the fake daemon has written, as Docker's json-file driver keeps it. */
export class FakeLog {
  readonly #records: FakeRecord[] = []
  readonly #listeners = new Set<() => void>()
  #ended = true

  get text(): string {
    return Buffer.concat(this.#records.map(({ payload }) => payload)).toString()
  }

  write(text: string, stream: OutputStream, atMs: number): void {
    for (const payload of recordsOf(Buffer.from(text))) {
      // Docker's clock tells any two records apart.
      const nanoseconds = (atMs % 1000) * 1_000_000 + this.#records.length
      this.#records.push({ stream, time: { seconds: Math.floor(atMs / 1000), nanoseconds }, payload })
    }
    this.#tell()
  }

  /** The container runs, or has ended, as before its start: whoever follows waits for more, or has had all. */
  setEnded(ended: boolean): void {
    this.#ended = ended
    this.#tell()
  }

  /** Ends with the container, if it is to be followed. */
  async *read(options: LogOptions, signal: AbortSignal): AsyncGenerator<OutputPart, void, undefined> {
    const { follow = false, tailLines = Number.POSITIVE_INFINITY, since, timestamps = false } = options
    let atLineBegin = true
    for (let index = Math.max(0, this.#records.length - tailLines); ; index++) {
      while (follow && !this.#ended && index >= this.#records.length)
        await abortable(this.#change(), signal, 'The call to Docker was aborted')
      const record = this.#records[index]
      if (record === undefined) return
      const { stream, time, payload } = record
      if (since !== undefined && isBefore(time, since)) continue
      const prefix = timestamps && atLineBegin ? `${formatTime(time)} ` : ''
      atLineBegin = payload.at(-1) === 0x0a
      yield { stream, payload: Buffer.concat([Buffer.from(prefix), payload]) }
    }
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#listeners.add(resolve)
    await promise
    this.#listeners.delete(resolve)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function* recordsOf(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf('\n', from)
    const upTo = Math.min(newline < 0 ? bytes.length : newline + 1, from + recordBytes)
    yield bytes.subarray(from, upTo)
    from = upTo
  }
}

function isBefore(time: LogTime, since: LogTime): boolean {
  return time.seconds < since.seconds || (time.seconds === since.seconds && time.nanoseconds < since.nanoseconds)
}

function formatTime({ seconds, nanoseconds }: LogTime): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length)
  return `${date}.${String(nanoseconds).padStart(9, '0')}Z`
}
