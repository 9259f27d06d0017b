import { once } from 'node:events'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type Server, type Socket } from 'node:net'
import { selfSigned } from './self-signed.ts'

/** A server of a test on a free port of 127.0.0.1, which closes with everything that is connected to it. */
export class Loopback implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static http(listener: RequestListener): Promise<Loopback> {
    return Loopback.listen(createHttp(listener))
  }

  static https(listener: RequestListener): Promise<Loopback> {
    return Loopback.listen(createHttps(selfSigned, listener))
  }

  static tcp(onConnection: (socket: Socket) => void = (socket) => socket.resume()): Promise<Loopback> {
    return Loopback.listen(createTcp(onConnection))
  }

  static async listen(server: Server): Promise<Loopback> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return new Loopback(server, typeof address === 'object' && address !== null ? address.port : 0)
  }

  /** Resolves when nobody is connected any more. */
  async deserted(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => once(socket, 'close')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
