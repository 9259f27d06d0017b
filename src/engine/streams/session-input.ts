import { Writable, type Duplex } from 'node:stream'

/**
 * The stdin of a session: writes to Docker's connection as fast as it takes it, and half-closes it at the end. What comes
 * when the other side reads no more is dropped, as a command may end without having read its input. Destroying it does not
 * harm the outputs.
 */
export class SessionInput extends Writable {
  readonly #connection: Duplex
  #waiting: (() => void) | undefined

  constructor(connection: Duplex) {
    super()
    this.#connection = connection
    this.on('error', () => {})
    const goOn = (): void => this.#waiting?.()
    connection.on('drain', goOn)
    connection.once('close', goOn)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    if (!this.#connection.writable || this.#connection.write(chunk)) {
      callback()
      return
    }
    this.#waiting = () => {
      this.#waiting = undefined
      callback()
    }
  }

  override _final(callback: () => void): void {
    if (this.#connection.writable) this.#connection.end()
    callback()
  }
}
