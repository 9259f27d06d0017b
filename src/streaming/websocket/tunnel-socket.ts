import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { KubeletError } from '../../model/errors.ts'
import { asBuffer } from './socket-pace.ts'

const normalClosure = 1000

/**
 * The bytes in a WebSocket's binary messages, whose bounds mean nothing, as a socket. A client that closes has closed both
 * directions, as there is no other way; text is no part of a tunnel and ends it.
 */
export class TunnelSocket extends Duplex {
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket) {
    super({ allowHalfOpen: true })
    this.#webSocket = webSocket
    webSocket.on('message', (data, isBinary) => this.#take(data, isBinary))
    // Its close follows.
    webSocket.on('error', () => {})
    webSocket.once('close', (code) => this.#over(code))
  }

  override _read(): void {
    this.#webSocket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#webSocket.send(chunk, { binary: true }, callback)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk))
    this.#webSocket.send(bytes, { binary: true }, callback)
  }

  override _final(callback: () => void): void {
    this.#webSocket.close(normalClosure)
    // The client's answer is its own end, which may lie behind what nobody has read.
    this.#webSocket.resume()
    callback()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#webSocket.terminate()
    callback(error)
  }

  #take(data: RawData, isBinary: boolean): void {
    if (!isBinary) {
      this.destroy(new KubeletError('invalid', 'a tunnel takes binary messages only'))
    } else if (!this.push(asBuffer(data))) {
      this.#webSocket.pause()
    }
  }

  #over(code: number): void {
    if (this.destroyed) return
    if (code === normalClosure) {
      this.push(null)
      this.end()
    } else {
      this.destroy(new KubeletError('unavailable', `the client has gone (${code})`))
    }
  }
}
