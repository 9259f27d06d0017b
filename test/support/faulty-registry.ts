import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** What is wrong with a registry. Layers are large blobs; the small one that every image has besides stays whole. */
export type Fault =
  | { readonly kind: 'none' }
  /** Answers everything with this status. */
  | { readonly kind: 'status'; readonly status: number }
  /** Takes requests and says nothing. */
  | { readonly kind: 'hangs' }
  /** Takes no connection, and has broken those that there were. */
  | { readonly kind: 'is away' }
  /** Gives half of a layer for the whole. */
  | { readonly kind: 'truncates layers' }
  /** Gives another layer of the same length. */
  | { readonly kind: 'corrupts layers' }
  /** Gives half of a layer, and no more while the fault lasts. */
  | { readonly kind: 'stops half-way' }
  /** Takes so many milliseconds for a layer. */
  | { readonly kind: 'is slow'; readonly ms: number }

const layerBytes = 100_000
const slowParts = 20

/** A way to a registry on which a test can bring faults about. Docker knows it for a registry of its own. */
export class FaultyRegistry implements AsyncDisposable {
  readonly #server: Server
  readonly #target: number
  readonly #clients = new Set<Socket>()
  #begun = 0
  #brokenOff = 0
  #fault: Fault = { kind: 'none' }
  #changed = Promise.withResolvers<void>()

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
    this.#server.on('connection', (client) => {
      if (this.#fault.kind === 'is away') {
        client.destroy()
        return
      }
      this.#clients.add(client)
      client.on('error', () => {})
      client.on('close', () => this.#clients.delete(client))
    })
  }

  /** In front of the registry on that port of 127.0.0.1. */
  static async open(target: number): Promise<FaultyRegistry> {
    const registry = new FaultyRegistry(target)
    registry.#server.listen(0, '127.0.0.1')
    await once(registry.#server, 'listening')
    return registry
  }

  /** What stands before the names of its images. */
  get address(): string {
    const address = this.#server.address()
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  /** Layers that it has begun to give half of, or slowly. */
  get begun(): number {
    return this.#begun
  }

  /** Those of them that somebody did not want to the end. Docker says so only when something comes. */
  get brokenOff(): number {
    return this.#brokenOff
  }

  set(fault: Fault): void {
    this.#fault = fault
    if (fault.kind === 'is away') for (const client of this.#clients) client.destroy()
    this.#tell()
  }

  /**
   * Waits until `condition` holds; it is looked at whenever the fault is another, or a layer
   * has been begun or broken off.
   */
  async until(condition: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(30_000)
    const { promise: late, reject } = Promise.withResolvers<never>()
    deadline.addEventListener('abort', () => reject(new Error('It has not come to that within 30 s')), { once: true })
    late.catch(() => undefined)
    while (!condition()) await Promise.race([this.#changed.promise, late])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.set({ kind: 'is away' })
    this.#server.close()
    await once(this.#server, 'close')
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#fault
    if (fault.kind === 'status') {
      response.writeHead(fault.status).end()
      return
    }
    if (fault.kind === 'hangs') return
    const { method, url: path, headers } = request
    const forwarded = send({ host: '127.0.0.1', port: this.#target, method, path, headers })
    request.pipe(forwarded)
    const [answer]: IncomingMessage[] = await once(forwarded, 'response')
    if (answer === undefined) return
    const isLayer = method === 'GET' && Number(answer.headers['content-length'] ?? 0) >= layerBytes
    if (fault.kind === 'none' || !isLayer) {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
      return
    }
    await this.#spoil(fault, { answer, response, layer: await buffer(answer) })
  }

  #watch(response: ServerResponse): void {
    response.once('close', () => {
      if (!response.writableFinished) this.#brokenOff += 1
      this.#tell()
    })
    this.#begun += 1
    this.#tell()
  }

  async #spoil(
    fault: Fault,
    {
      answer,
      response,
      layer,
    }: { readonly answer: IncomingMessage; readonly response: ServerResponse; readonly layer: Buffer },
  ): Promise<void> {
    const half = layer.subarray(0, layer.length / 2)
    const head = (length: number): void => {
      response.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': length })
    }
    switch (fault.kind) {
      case 'truncates layers':
        head(half.length)
        response.end(half)
        return
      case 'corrupts layers':
        head(layer.length)
        response.end(layer.map((byte) => 255 - byte))
        return
      case 'stops half-way':
        head(layer.length)
        response.write(half)
        this.#watch(response)
        await this.until(() => this.#fault !== fault || response.destroyed)
        response.end(layer.subarray(half.length))
        return
      case 'is slow':
        head(layer.length)
        this.#watch(response)
        for (let part = 0; part < slowParts && !response.destroyed; part += 1) {
          response.write(layer.subarray((layer.length * part) / slowParts, (layer.length * (part + 1)) / slowParts))
          await delay(fault.ms / slowParts)
        }
        response.end()
        return
      default:
        response.destroy()
    }
  }
}
