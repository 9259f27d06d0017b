import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that can be disturbed. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #refuses = false
  #bytesReceived = 0

  private constructor(server: Server) {
    this.#server = server
  }

  /** To this server, from a free port of this machine, at its loopback address or another one. */
  static async to(host: string, port: number, at = '127.0.0.1'): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true })
    const proxy = new TcpProxy(server)
    server.on('connection', (client) => proxy.#join(client, connect({ host, port, allowHalfOpen: true })))
    server.listen(0, at)
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The proxy does not listen')
    return address.port
  }

  /** What the server has sent so far, to all clients. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** The connections that stand stay open, but nothing comes through any more. New ones work. */
  blackHole(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  /** Breaks what stands and refuses what comes, until `restore`. */
  breakDown(): void {
    this.#refuses = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  restore(): void {
    this.#refuses = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, upstream: Socket): void {
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => other.destroy())
      socket.pipe(other)
    }
    upstream.on('data', (chunk: Buffer) => (this.#bytesReceived += chunk.length))
    if (this.#refuses) client.resetAndDestroy()
  }
}
