import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TcpProxy } from '../../../integration/tcp-proxy.ts'

/** Between the agent and the API server. */
export class ApiProxy implements AsyncDisposable {
  /** The node's kubeconfig, by way of the proxy. */
  readonly kubeconfig: string
  readonly #tcp: TcpProxy

  private constructor(kubeconfig: string, tcp: TcpProxy) {
    this.kubeconfig = kubeconfig
    this.#tcp = tcp
  }

  /** @param kubeconfig The node's own; what is made of it goes into `folder`. */
  static async open(kubeconfig: string, port: number, folder: string): Promise<ApiProxy> {
    const tcp = await TcpProxy.to('127.0.0.1', port)
    const through = join(folder, 'agent.kubeconfig')
    const text = await readFile(kubeconfig, 'utf8')
    await writeFile(through, text.replaceAll(`https://127.0.0.1:${port}`, `https://127.0.0.1:${tcp.port}`), {
      mode: 0o600,
    })
    return new ApiProxy(through, tcp)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tcp[Symbol.asyncDispose]()
  }
}
