/** Who the agent is: to the API server, and to those who call it. What of that is to be renewed is renewed while it runs. */
import { join, resolve } from 'node:path'
import type { CertificateManager } from './certificates/certificate-manager.ts'
import { connectNode, type ConnectedNode } from './certificates/client/connect-node.ts'
import type { NodeAddress } from './certificates/requests/node-request.ts'
import { openServingTls } from './certificates/serving/open-serving-tls.ts'
import { removeServingFiles } from './certificates/serving/remove-serving-files.ts'
import type { ServingTls } from './certificates/serving/serving-tls.ts'
import type { KubeCluster } from './cluster/kube-cluster.ts'
import type { KubeletConfig } from './config/config.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { KubeNode } from './model/kube.ts'
import { Listeners } from './util/listeners.ts'
import type { Logger } from './util/log.ts'

export interface IdentityParts {
  readonly config: KubeletConfig
  readonly version: string
  readonly metrics: Pick<KubeletMetrics, 'client' | 'certificates'>
  readonly log: Logger
}

export class NodeIdentity implements Disposable {
  readonly #parts: IdentityParts
  readonly #node: ConnectedNode | undefined
  readonly #servingChanges = new Listeners()
  #authority: string | undefined
  #addresses: readonly NodeAddress[] = []
  #serving: CertificateManager | undefined

  private constructor(parts: IdentityParts, node: ConnectedNode | undefined) {
    this.#parts = parts
    this.#node = node
    const renewal = node?.renewal
    if (renewal !== undefined) parts.metrics.certificates.client = () => renewal.facts
  }

  /** Connects to the API server, where there is one: see `connectNode`. */
  static async connect(parts: IdentityParts, signal: AbortSignal): Promise<NodeIdentity> {
    const { config, version, metrics, log } = parts
    const { kubeconfig } = config
    if (kubeconfig === undefined) return new NodeIdentity(parts, undefined)
    const onAnswer = metrics.client.answered.bind(metrics.client)
    const options = { config, kubeconfig, userAgent: `minikubelet/${version}`, onAnswer, log }
    return new NodeIdentity(parts, await connectNode(options, signal))
  }

  /** `undefined` where there is no API server. */
  get cluster(): KubeCluster | undefined {
    return this.#node?.cluster
  }

  /** How the HTTPS port is served: see `openServingTls`. To be called before `run`. */
  async openServing(signal: AbortSignal): Promise<ServingTls & Disposable> {
    const { config, log } = this.#parts
    const requested = config.certificates.requestServing ? await this.#request() : undefined
    await this.#readAuthority(signal)
    this.#node?.changes.add(() => {
      this.#readAuthority(signal).catch((error: unknown) =>
        log.warn('Who vouches for clients is not known anew', { error }),
      )
    })
    const authority = (): string | undefined => this.#authority
    return openServingTls({ config, authority, requested, changes: this.#servingChanges, nowMs: Date.now(), log })
  }

  /** The Node as the API server has it: the serving certificate is for its addresses. */
  nodeSeen({ status }: KubeNode): void {
    this.#addresses = status?.addresses ?? []
    this.#serving?.templateChanged()
  }

  /** Renews what is to be renewed, until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#node?.renewal?.run(signal), this.#serving?.run(signal)])
  }

  /**
   * Removes the certificates of the port, of an agent that leaves nothing behind. In a `--cert-dir`
   * of the operator's they stay.
   */
  async removeServing(): Promise<void> {
    const { rootDir, certificates } = this.#parts.config
    if (certificates.folder === join(resolve(rootDir), 'pki')) await removeServingFiles(certificates.folder)
  }

  /** Whoever vouches for the API server vouches for clients, unless there is a file for that. */
  async #readAuthority(signal: AbortSignal): Promise<void> {
    const authority = await this.#node?.authority(signal)
    if (authority === this.#authority) return
    this.#authority = authority
    this.#servingChanges.tell()
  }

  [Symbol.dispose](): void {
    this.#node?.cluster.close()
  }

  async #request(): Promise<() => ReturnType<CertificateManager['current']>> {
    const { config, log, metrics } = this.#parts
    const source = this.#node?.cluster
    if (source === undefined) {
      log.warn('The HTTPS port gets no certificate: --rotate-server-certificates needs an API server that signs it')
      return () => undefined
    }
    const { requestedServing } = await import('./certificates/serving/requested-serving.ts')
    const onChange = (): void => this.#servingChanges.tell()
    const addresses = (): readonly NodeAddress[] => this.#addresses
    const serving = await requestedServing({ config, source, addresses, onChange, log })
    metrics.certificates.server = () => serving.facts
    this.#serving = serving
    return () => serving.current()
  }
}
