import { Agent, request, type RequestOptions } from 'node:http'
import { dockerHost } from '../../src/engine/connection/docker-host.ts'
import { readText } from '../../src/cluster/http/response-body.ts'

/** Docker's API over connections that stay open, with nothing in between: the floor that everything is compared to. */
export class RawDocker implements Disposable {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #address: RequestOptions

  /** @param url As for DOCKER_HOST, which counts where it is left out. */
  constructor(url?: string) {
    const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env
    const host = dockerHost(url, { DOCKER_HOST, DOCKER_CERT_PATH })
    if (host.kind === 'tcp' && host.certificates !== undefined) throw new Error('The bench speaks no TLS to Docker')
    this.#address = host.kind === 'unix' ? { socketPath: host.path } : { host: host.hostname, port: host.port }
  }

  /** The decoded answer, `undefined` for an empty one. Throws for any status from 300 on, but 304 (already so). */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<Parameters<typeof readText>[0]>()
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const sent = request({ ...this.#address, agent: this.#agent, method, path, headers }, resolve)
    sent.on('error', reject)
    sent.end(text)
    const answer = await promise
    const answered = await readText(answer)
    const status = answer.statusCode ?? 0
    if (status >= 300 && status !== 304) throw new Error(`${method} ${path}: ${status} ${answered.trim()}`)
    return answered === '' ? undefined : JSON.parse(answered)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
