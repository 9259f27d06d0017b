import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { kubeConnection, type KubeConnection } from '../../src/cluster/http/kube-connection.ts'
import { resolveCredentials } from '../../src/cluster/resolve-credentials.ts'
import { Loopback } from '../support/loopback.ts'
import type { Exchange } from './recording.ts'

/** Stands between the agent's adapter and a real API server, and keeps what both say. */
export class RecordingProxy implements AsyncDisposable {
  readonly #server: Loopback
  readonly #connection: KubeConnection
  #kept: Exchange[] = []

  private constructor(connection: KubeConnection, server: (proxy: RecordingProxy) => Loopback) {
    this.#connection = connection
    this.#server = server(this)
  }

  /** With the identity of this kubeconfig. */
  static async start(kubeconfig: string): Promise<RecordingProxy> {
    const connection = kubeConnection(await resolveCredentials(kubeconfig))
    const { promise, resolve } = Promise.withResolvers<RecordingProxy>()
    const server = await Loopback.http((request, response) => {
      void promise.then((proxy) => proxy.#passOn(request, response))
    })
    resolve(new RecordingProxy(connection, () => server))
    return promise
  }

  get address(): string {
    return `http://127.0.0.1:${this.#server.port}`
  }

  /** What was said since the last time. */
  taken(): readonly Exchange[] {
    const kept = this.#kept
    this.#kept = []
    return kept
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.dropIdle()
    await this.#server[Symbol.asyncDispose]()
  }

  async #passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    // Pages of five hundred would make a long recording: two show the same.
    const path = url.replace('limit=500', 'limit=2')
    const sent = await text(request)
    const answer = await this.#ask(method, path, request.headers['content-type'], sent)
    const body = await text(answer)
    const headers = kept(answer)
    this.#kept.push({
      method,
      path,
      ...(sent === '' ? {} : { body: asJson(sent) }),
      status: answer.statusCode ?? 0,
      headers,
      answer: documents(body),
    })
    response.writeHead(answer.statusCode ?? 500, headers).end(body)
  }

  #ask(method: string, path: string, type: string | undefined, body: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }) }
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const head = { method, path, lane: 'express', headers: { ...headers, ...length } } as const
    this.#connection.open(head, AbortSignal.timeout(60_000)).once('response', resolve).once('error', reject).end(body)
    return promise
  }
}

function kept({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const names = ['content-type', 'retry-after', 'warning'] as const
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  )
}

/** One JSON document, however it is laid out; or one in each line, as a watch has them; or a text. */
function documents(body: string): readonly unknown[] {
  try {
    return [JSON.parse(body)]
  } catch {
    return body.split('\n').flatMap((line) => (line === '' ? [] : [asJson(line)]))
  }
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
