import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request, type RequestOptions, type Server } from 'node:https'
import { join } from 'node:path'
import { parse } from 'yaml'
import { TcpProxy } from '../../../integration/tcp-proxy.ts'
import { selfSigned } from '../../../support/self-signed.ts'
import { apiCall } from './api-calls.ts'
import type { ApiTreatment, Treat } from './api-treatment.ts'
import { pause, relayAnswer } from './relay-answer.ts'

/** What is in use, until it is mended. */
interface Rule {
  readonly treat: Treat
  readonly mended: AbortController
}

/** The API server, and as whom it is asked. */
type Upstream = RequestOptions & { readonly agent: Agent }

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
  }[]
  readonly users: readonly { readonly user: Readonly<Record<'client-certificate-data' | 'client-key-data', string>> }[]
}

/** The name in the certificate that it shows. */
const serverName = 'probes.test'

/**
 * Between the agent and the API server: ends the agent's TLS, reads its requests, and sends them on with the node's
 * identity. Before that lies a layer that knows only connections, for what befalls those.
 */
export class ApiProxy implements AsyncDisposable {
  /** The node's kubeconfig, by way of the proxy. */
  readonly kubeconfig: string
  readonly #server: Server
  readonly #line: TcpProxy
  readonly #upstream: Upstream
  readonly #rules = new Set<Rule>()

  private constructor(kubeconfig: string, server: Server, line: TcpProxy, upstream: Upstream) {
    this.kubeconfig = kubeconfig
    this.#server = server
    this.#line = line
    this.#upstream = upstream
    server.on('request', (from: IncomingMessage, to: ServerResponse) => void this.#take(from, to))
  }

  /**
   * @param kubeconfig The node's own, with its certificate in it; what is made of it goes into `folder`.
   * @param name The API server's, by its certificate.
   */
  static async open(kubeconfig: string, port: number, folder: string, name = 'kubernetes'): Promise<ApiProxy> {
    const config: Kubeconfig = parse(await readFile(kubeconfig, 'utf8'))
    const [{ cluster } = missing(kubeconfig)] = config.clusters
    const [{ user } = missing(kubeconfig)] = config.users
    const authority = decoded(cluster['certificate-authority-data'])
    const server = createServer({ ...selfSigned, requestTimeout: 0, keepAliveTimeout: 0 }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const line = await TcpProxy.to('127.0.0.1', portOf(server))
    const through = {
      ...config,
      clusters: config.clusters.map((entry) => ({
        ...entry,
        cluster: {
          ...entry.cluster,
          server: `https://127.0.0.1:${line.port}`,
          'tls-server-name': serverName,
          // The API server's too: it vouches for those who call the agent.
          'certificate-authority-data': Buffer.from(`${authority}\n${selfSigned.cert}\n`).toString('base64'),
        },
      })),
    }
    const path = join(folder, 'agent.kubeconfig')
    await writeFile(path, JSON.stringify(through), { mode: 0o600 })
    return new ApiProxy(path, server, line, {
      host: '127.0.0.1',
      port,
      servername: name,
      agent: new Agent({
        keepAlive: true,
        ca: authority,
        cert: decoded(user['client-certificate-data']),
        key: decoded(user['client-key-data']),
      }),
    })
  }

  /** From now on `treat` is asked about each request, until it is disposed. The first who doesn't let it pass wins. */
  use(treat: Treat): Disposable {
    const rule = { treat, mended: new AbortController() }
    this.#rules.add(rule)
    return {
      [Symbol.dispose]: () => {
        this.#rules.delete(rule)
        rule.mended.abort()
      },
    }
  }

  /** Breaks every connection that stands (RST); new ones work. */
  reset(): void {
    this.#line.breakDown()
    this.#line.restore()
  }

  /** The connections that stand stay open, and nothing comes through any more, ever. New ones work. */
  blackHole(): void {
    this.#line.blackHole()
  }

  /** As a server that is gone: breaks what stands and refuses what comes, until it is disposed. */
  refuse(): Disposable {
    this.#line.breakDown()
    return { [Symbol.dispose]: () => this.#line.restore() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]()
    this.#upstream.agent.destroy()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #take(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { treatment, mended } = this.#treatmentOf(from)
    from.on('error', () => to.destroy())
    to.on('error', () => to.destroy())
    switch (treatment.kind) {
      case 'hang':
        from.resume()
        if (mended.aborted) to.destroy()
        mended.addEventListener('abort', () => to.destroy(), { once: true })
        return
      case 'answer': {
        const { status, headers, body } = treatment.answer
        from.resume()
        to.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers }).end(body)
        return
      }
      case 'end':
        from.resume()
        to.writeHead(200, { 'content-type': 'application/json' })
        to.end(treatment.lines.map((line) => `${line}\n`).join(''))
        return
      case 'slow':
        await pause(treatment.delayMs, mended)
        break
      case 'pass':
      case 'cut':
      case 'lines':
        break
      default:
        treatment satisfies never
    }
    this.#passOn(from, to, treatment, mended)
  }

  #treatmentOf({ method = 'GET', url = '/' }: IncomingMessage): { treatment: ApiTreatment; mended: AbortSignal } {
    const call = apiCall(method, url)
    for (const { treat, mended } of this.#rules) {
      const treatment = treat(call)
      if (treatment.kind !== 'pass') return { treatment, mended: mended.signal }
    }
    return { treatment: { kind: 'pass' }, mended: new AbortController().signal }
  }

  #passOn(from: IncomingMessage, to: ServerResponse, treatment: ApiTreatment, mended: AbortSignal): void {
    const { method, url: path, headers } = from
    const sent = request({ ...this.#upstream, method, path, headers })
    sent.on('response', (answer) => {
      relayAnswer(answer, to, treatment, mended).catch(() => to.destroy())
    })
    sent.on('error', () => to.destroy())
    to.on('close', () => sent.destroy())
    from.pipe(sent)
  }
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString()
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function missing(path: string): never {
  throw new Error(`${path} has no cluster or no user with their certificates in them`)
}
