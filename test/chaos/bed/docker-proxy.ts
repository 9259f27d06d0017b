import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { dockerCall, type DockerCall } from './docker-calls.ts'

/**
 * What becomes of a call: it goes on to Docker; it hangs until whoever wants that is done, and breaks then; it is never
 * answered; Docker does it, and its answer is lost; or it is answered by this instead.
 */
export type Treatment = 'pass' | 'hang' | 'swallow' | 'lose' | { readonly status: number; readonly message: string }

/** Called for each call that comes while it is set. */
export type Treat = (call: DockerCall) => Treatment

/** Between the agent and its Docker: calls can be kept back or refused, each by its kind. */
export class DockerProxy implements AsyncDisposable {
  readonly #path: string
  readonly #upstream: string
  readonly #sockets = new Set<Duplex>()
  readonly #treats = new Set<Treat>()
  readonly #held = new Set<Duplex>()
  #server: Server | undefined

  /** @param path Of its own socket. @param upstream Of Docker's. */
  constructor(path: string, upstream: string) {
    this.#path = path
    this.#upstream = upstream
  }

  /** For `--docker-host`. */
  get host(): string {
    return `unix://${this.#path}`
  }

  /** As a daemon that has come up. */
  async open(): Promise<void> {
    const server = createServer((from, to) => this.#answer(from, to))
    server.keepAliveTimeout = 0
    server.requestTimeout = 0
    server.on('connection', (socket: Socket) => this.#keep(socket))
    server.on('upgrade', (from: IncomingMessage, socket: Duplex, head: Buffer) => this.#hijack(from, socket, head))
    server.listen(this.#path)
    await once(server, 'listening')
    this.#server = server
  }

  /** As a daemon that is gone: what stands breaks, and nobody listens. */
  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(server, 'close')
  }

  /**
   * From now on `treat` is asked about each call, until it is disposed; then what hangs
   * breaks. The first who objects wins.
   */
  use(treat: Treat): Disposable {
    this.#treats.add(treat)
    return {
      [Symbol.dispose]: () => {
        this.#treats.delete(treat)
        if (this.#treats.size > 0) return
        for (const socket of this.#held) socket.destroy()
        this.#held.clear()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#held.delete(socket)
    })
    socket.on('error', () => socket.destroy())
  }

  #treatment(from: IncomingMessage): Treatment {
    const call = dockerCall(from.method ?? 'GET', from.url ?? '/')
    for (const treat of this.#treats) {
      const treatment = treat(call)
      if (treatment !== 'pass') return treatment
    }
    return 'pass'
  }

  #answer(from: IncomingMessage, to: ServerResponse): void {
    const treatment = this.#treatment(from)
    if (treatment === 'hang' || treatment === 'swallow') {
      from.resume()
      if (treatment === 'hang') this.#held.add(from.socket)
      return
    }
    if (typeof treatment === 'object') {
      from.resume()
      to.writeHead(treatment.status, { 'content-type': 'application/json' })
      to.end(JSON.stringify({ message: treatment.message }))
      return
    }
    const breakOff = (): void => void from.socket.destroy()
    const { method, url: path, headers } = from
    const sent = request({ socketPath: this.#upstream, method, path, headers, agent: false }, (answer) => {
      if (treatment === 'lose') return breakOff()
      to.writeHead(answer.statusCode ?? 500, answer.headers)
      // An event stream's head is to come before its first event.
      to.flushHeaders()
      answer.on('error', breakOff)
      answer.pipe(to)
    })
    sent.on('error', breakOff)
    to.on('close', () => sent.destroy())
    from.pipe(sent)
  }

  /** Commands in containers: after its head the connection is a stream in both directions. */
  #hijack(from: IncomingMessage, socket: Duplex, head: Buffer): void {
    const treatment = this.#treatment(from)
    if (treatment === 'hang' || treatment === 'swallow') {
      if (treatment === 'hang') this.#held.add(socket)
      return
    }
    if (typeof treatment === 'object') {
      const body = JSON.stringify({ message: treatment.message })
      socket.end(
        `HTTP/1.1 ${treatment.status} Error\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return
    }
    const upstream = connect({ path: this.#upstream, allowHalfOpen: true })
    this.#keep(upstream)
    const lines = [`${from.method} ${from.url} HTTP/1.1`]
    for (let index = 0; index < from.rawHeaders.length; index += 2) {
      lines.push(`${from.rawHeaders[index]}: ${from.rawHeaders[index + 1]}`)
    }
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    socket.pipe(upstream)
    upstream.pipe(socket)
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  }
}
