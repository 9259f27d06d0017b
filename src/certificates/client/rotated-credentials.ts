import type { CredentialProvider } from '../../cluster/credentials.ts'
import type { ApiCredentials } from '../../cluster/kubeconfig/api-credentials.ts'
import { isExpired, type KeyPair } from '../key-pair.ts'

/**
 * The credentials of a kubeconfig with the certificate that the agent renews, as long as that is good: connections
 * change over with the first request after `use`.
 */
export class RotatedCredentials implements CredentialProvider {
  readonly #kubeconfig: CredentialProvider
  #pair: KeyPair | undefined
  /** One object for as long as nothing changes: by that connections are told apart. */
  #last: { readonly base: ApiCredentials; readonly pair: KeyPair; readonly credentials: ApiCredentials } | undefined

  constructor(kubeconfig: CredentialProvider) {
    this.#kubeconfig = kubeconfig
  }

  /** From now on it is this certificate. */
  use(pair: KeyPair | undefined): void {
    this.#pair = pair
  }

  async current(signal: AbortSignal): Promise<ApiCredentials> {
    return this.#withPair(await this.#kubeconfig.current(signal))
  }

  async renewed(signal: AbortSignal): Promise<ApiCredentials> {
    return this.#withPair(await this.#kubeconfig.renewed(signal))
  }

  close(): void {
    this.#kubeconfig.close()
  }

  #withPair(base: ApiCredentials): ApiCredentials {
    const pair = this.#pair
    if (pair === undefined || isExpired(pair, Date.now())) return base
    if (this.#last?.base === base && this.#last.pair === pair) return this.#last.credentials
    const credentials = { ...base, certificate: pair.certificatePem, key: pair.keyPem }
    this.#last = { base, pair, credentials }
    return credentials
  }
}
