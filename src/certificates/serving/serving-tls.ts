import type { SecureContextOptions } from 'node:tls'
import type { CertificateConfig } from '../../config/config.ts'
import type { Listeners } from '../../util/listeners.ts'
import { cipherSuites, suitesOf13, tlsVersions } from '../../util/tls-names.ts'
import type { KeyPair } from '../key-pair.ts'

export interface ServingTlsOptions {
  readonly config: Pick<CertificateConfig, 'minVersion' | 'cipherSuites'>
  /** The certificate to serve with now; `undefined` as long as there is none. */
  readonly certificate: () => KeyPair | undefined
  /** The certificates (PEM) that vouch for clients; `undefined` for none. */
  readonly clientAuthority: () => string | undefined
  /** Told when one of them is another. */
  readonly changes: Listeners
}

/** How the HTTPS port is served: made of parts that may change while it is open. */
export class ServingTls {
  readonly #options: ServingTlsOptions

  constructor(options: ServingTlsOptions) {
    this.#options = options
  }

  /** Without a certificate no connection comes about. */
  current(): SecureContextOptions {
    const { config, certificate, clientAuthority } = this.#options
    const pair = certificate()
    return {
      ...(pair !== undefined && { cert: pair.certificatePem, key: pair.keyPem }),
      // Not left out: then whoever the world's authorities vouch for would be let in.
      ca: clientAuthority() ?? [],
      minVersion: tlsVersions[config.minVersion],
      ...ciphersOf(config.cipherSuites),
    }
  }

  /** Why no connection can come about; `undefined` when one can. */
  missing(): string | undefined {
    return this.#options.certificate() === undefined ? 'no serving certificate available for the kubelet' : undefined
  }

  /** Calls `use` whenever it has changed, until the result is disposed. */
  onChange(use: () => void): Disposable {
    return this.#options.changes.add(use)
  }
}

/** What was chosen for TLS 1.2; those of TLS 1.3 are always there. */
function ciphersOf(names: readonly string[]): SecureContextOptions {
  if (names.length === 0) return {}
  const chosen = names.flatMap((name) => cipherSuites[name] ?? [])
  return { ciphers: [...suitesOf13, ...chosen].join(':'), honorCipherOrder: true }
}
