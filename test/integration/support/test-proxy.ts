import { EventEmitter, once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface TestProxyOptions {
  readonly target: NetConnectOpts
  /** Path of a Unix socket to listen on. Default: a free port of 127.0.0.1. */
  readonly path?: string
  /** Speaks TLS to its clients. */
  readonly tls?: TlsOptions
}

/** A way to a server that a test can watch, cut and stall. */
export class TestProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  readonly #changes = new EventEmitter()
  #requests: string[] = []
  #cut = false
  #stalled = false
  #opened = 0
  #refused = 0
  #allowance = Number.POSITIVE_INFINITY

  private constructor(options: TestProxyOptions) {
    const onClient = (client: Socket): void => this.#relay(client, options.target)
    this.#server = options.tls === undefined ? createServer(onClient) : createTlsServer(options.tls, onClient)
  }

  static async listen(options: TestProxyOptions): Promise<TestProxy> {
    const proxy = new TestProxy(options)
    if (options.path === undefined) proxy.#server.listen(0, '127.0.0.1')
    else proxy.#server.listen(options.path)
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** The port that it listens on. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#clients.size
  }

  /** Connections that were opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** Connections that were refused so far. */
  get refused(): number {
    return this.#refused
  }

  /** The HTTP requests that went through, `GET /path`, in order. */
  get requests(): readonly string[] {
    return this.#requests
  }

  /** Every connection breaks; new ones are refused until `restore`. */
  cut(): void {
    this.#cut = true
    for (const client of this.#clients) client.destroy()
  }

  /** True when an answer is being held back. */
  get stalled(): boolean {
    return this.#stalled
  }

  /** All goes through again, on the connections that are still whole and on new ones. */
  restore(): void {
    this.#cut = false
    this.#stalled = false
    this.#allowance = Number.POSITIVE_INFINITY
  }

  /** From now on each connection gets so many bytes of answer more, and then nothing; it stays open. */
  stallAfter(bytes: number): void {
    this.#allowance = bytes
  }

  /** Waits until `condition` holds; it is looked at whenever something has gone through. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#changes, 'change', { signal: AbortSignal.timeout(10_000) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #relay(client: Socket, target: NetConnectOpts): void {
    if (this.#cut) {
      this.#refused++
      this.#changes.emit('change')
      client.destroy()
      return
    }
    const server = connect(target)
    let sent = 0
    let stalled = false
    this.#clients.add(client)
    this.#opened++
    client.on('data', (chunk) => {
      this.#note(chunk)
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      if (this.#allowance !== Number.POSITIVE_INFINITY) sent += chunk.length
      stalled ||= sent > this.#allowance
      if (!stalled) client.write(chunk)
      else if (!this.#stalled) {
        this.#stalled = true
        this.#changes.emit('change')
      }
    })
    client.on('error', () => {})
    server.on('error', () => {})
    client.on('close', () => {
      this.#clients.delete(client)
      this.#changes.emit('change')
      server.destroy()
    })
    server.on('close', () => {
      if (!stalled) client.destroy()
    })
  }

  #note(chunk: Buffer): void {
    const [, request] = /^([A-Z]+ \S+) HTTP\/1\.[01]\r\n/u.exec(chunk.toString('latin1')) ?? []
    if (request === undefined) return
    this.#requests.push(request)
    this.#changes.emit('change')
  }
}
