import { Duplex, type Readable, type Writable } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import { dataFrames, DialFrameReader, endFrame } from './dial-frames.ts'

/** `pause dial` at work, wherever it runs. */
export interface DialProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Its end, when all that it wrote has been read; never throws. `text` is what it had to say of what went wrong. */
  readonly ended: Promise<DialEnd>
  /** Ends it; of one that has ended, nothing. */
  kill(): void
}

export const dialExitCodes = {
  /** Both sides have said all. */
  said: 0,
  /** There is no connection, or it broke. */
  broken: 1,
  /** The network namespace cannot be entered. */
  noNamespace: 3,
  /** Docker's: the binary could not be run. */
  notExecutable: 126,
  notFound: 127,
  /** Ours: the binary could not be run. */
  notRun: -1,
  /** Ours: it was killed. */
  killed: -2,
} as const

export interface DialEnd {
  /** One of `dialExitCodes`, or whatever else an exec of Docker's ends with. */
  readonly exitCode: number
  readonly text: string
}

/** What it ends with where it could not even try. */
const neverBegun: readonly number[] = [
  dialExitCodes.noNamespace,
  dialExitCodes.notExecutable,
  dialExitCodes.notFound,
  dialExitCodes.notRun,
]

/** A connection to a port of a Pod, by way of `pause dial`. */
export class DialStream extends Duplex {
  readonly #process: DialProcess
  readonly #reader = new DialFrameReader()
  readonly #connected = Promise.withResolvers<void>()
  #isOver = false

  constructor(process: DialProcess) {
    // When both sides have ended here, the process may still have to pass on what was said last: its own end is the end.
    super({ allowHalfOpen: true, autoDestroy: false })
    this.#process = process
    this.#connected.promise.catch(() => {})
    // An error is told to whoever uses the stream; one that nobody waits for must not end the agent.
    this.on('error', () => {})
    // How a write fares is seen by how the process ends.
    process.stdin.on('error', () => {})
    process.stdout.on('error', () => {})
    process.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    void process.ended.then((end) => this.#end(end))
  }

  /**
   * Resolves when the connection stands. Throws `unavailable` with the text of `pause dial` when there is none,
   * `unsupported` when there is no dialling in this way.
   */
  connected(): Promise<void> {
    return this.#connected.promise
  }

  override _read(): void {
    this.#process.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#send(dataFrames(chunk), callback)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: () => void): void {
    this.#send(
      chunks.flatMap(({ chunk }) => dataFrames(chunk)),
      callback,
    )
  }

  override _final(callback: () => void): void {
    // Its stdin stays open: an end of that means that nobody is here any more.
    this.#send([endFrame()], callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#process.kill()
    this.#connected.reject(error ?? new KubeletError('aborted', 'The connection was given up'))
    callback(error)
  }

  #send(parts: readonly Buffer[], callback: () => void): void {
    const { stdin } = this.#process
    stdin.cork()
    for (const [index, part] of parts.entries())
      stdin.write(part, index === parts.length - 1 ? () => callback() : undefined)
    if (parts.length === 0) callback()
    stdin.uncork()
  }

  #take(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) {
        switch (frame.kind) {
          case 'connected':
            this.#connected.resolve()
            break
          case 'data':
            if (!this.push(frame.payload)) this.#process.stdout.pause()
            break
          case 'end':
            this.#isOver = true
            this.push(null)
            break
          default:
            frame satisfies never
        }
      }
    } catch (error) {
      this.destroy(KubeletError.from(error))
    }
  }

  /** Both sides have said all, or the port's side is gone, or it broke. */
  #end({ exitCode, text }: DialEnd): void {
    if (exitCode !== dialExitCodes.said || !this.#isOver) {
      const code = neverBegun.includes(exitCode) ? 'unsupported' : 'unavailable'
      this.destroy(new KubeletError(code, text.trim() || `pause dial ended with ${exitCode}`))
    } else if (this.readableEnded) {
      this.destroy()
    } else {
      this.once('end', () => this.destroy())
    }
  }
}
