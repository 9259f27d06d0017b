import { once } from 'node:events'
import { connect, createServer, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { ServingTls } from '../../src/certificates/serving/serving-tls.ts'

/** A bare TLS server that is served as the HTTPS port is; it says of each client whether somebody vouches for it. */
export class TlsServer implements AsyncDisposable {
  readonly #server
  readonly #changes: Disposable

  private constructor(tls: ServingTls) {
    this.#server = createServer(
      { ...tls.current(), requestCert: true, rejectUnauthorized: false },
      (socket) => void socket.on('error', () => {}).end(socket.authorized ? 'known' : 'unknown'),
    )
    this.#server.on('tlsClientError', () => {})
    this.#changes = tls.onChange(() => this.#server.setSecureContext(tls.current()))
  }

  static async listen(tls: ServingTls): Promise<TlsServer> {
    const made = new TlsServer(tls)
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  /** What a client gets to see. Rejects when no connection comes about. */
  async greet(options: ConnectionOptions = {}): Promise<Greeting> {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server does not listen')
    const socket: TLSSocket = connect({ port: address.port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(socket, 'secureConnect')
    const [certificate, version, cipher] = [socket.getPeerCertificate(), socket.getProtocol(), socket.getCipher().name]
    await once(socket, 'close')
    return { certificate, version, cipher, said }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#changes[Symbol.dispose]()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export interface Greeting {
  readonly certificate: PeerCertificate
  readonly version: string | null
  readonly cipher: string
  readonly said: string
}
