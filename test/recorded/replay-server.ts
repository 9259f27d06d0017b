import type { ApiCredentials } from '../../src/cluster/kubeconfig/api-credentials.ts'
import { KubeClient } from '../../src/cluster/kube-client.ts'
import { KubeCluster } from '../../src/cluster/kube-cluster.ts'
import { Loopback } from '../support/loopback.ts'
import { sameRequest, type Exchange } from './recording.ts'

/** An API server that answers as another one did, if it is asked the same in the same order. */
export class ReplayServer implements AsyncDisposable {
  readonly cluster: KubeCluster
  readonly client: KubeClient
  readonly #server: Loopback
  readonly #left: Exchange[]

  private constructor(server: Loopback, left: Exchange[]) {
    this.#server = server
    this.#left = left
    this.client = clientAt(`http://127.0.0.1:${server.port}`)
    this.cluster = clusterOf(this.client)
  }

  static async start(exchanges: readonly Exchange[]): Promise<ReplayServer> {
    const left = [...exchanges]
    const server = await Loopback.http((request, response) => {
      request.resume()
      const asked = sameRequest(request.method ?? '', request.url ?? '')
      const next = left.shift()
      const recorded = next === undefined ? 'nothing' : sameRequest(next.method, next.path)
      if (next === undefined || asked !== recorded) {
        response.writeHead(500).end(`Asked ${asked}; recorded is ${recorded}`)
        return
      }
      const lines = next.answer.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
      response.writeHead(next.status, next.headers).end(lines.map((line) => `${line}\n`).join(''))
    })
    return new ReplayServer(server, left)
  }

  /** What it was not asked for. */
  get left(): readonly string[] {
    return this.#left.map(({ method, path }) => sameRequest(method, path))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close()
    await this.#server[Symbol.asyncDispose]()
  }
}

/** The adapter as the agent makes it; what it cannot read is a fault of the test. */
export function clusterOf(client: KubeClient): KubeCluster {
  const onUndecodable = (message: string): never => {
    throw new Error(message)
  }
  return new KubeCluster(client, { onUndecodable, watch: { seconds: 4, graceMs: 10_000 } })
}

/** A client of a server that asks nobody who he is. */
export function clientAt(server: string): KubeClient {
  const credentials: ApiCredentials = {
    server,
    ca: undefined,
    certificate: undefined,
    key: undefined,
    headers: {},
    tlsServerName: undefined,
    insecureSkipTlsVerify: false,
    proxyUrl: undefined,
    expiresAtMs: undefined,
    files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
  }
  const provider = { current: async () => credentials, renewed: async () => credentials, close: () => {} }
  return new KubeClient({ credentials: provider, userAgent: 'minikubelet-test' })
}
