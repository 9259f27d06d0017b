import type { KubeletConfig } from '../../config/config.ts'
import type { Listeners } from '../../util/listeners.ts'
import type { Logger } from '../../util/log.ts'
import type { KeyPair } from '../key-pair.ts'
import { openCertificateFiles } from './certificate-files.ts'
import { openClientAuthority } from './client-authority.ts'
import { selfSignedFiles } from './self-signed-files.ts'
import { ServingTls } from './serving-tls.ts'

export interface OpenServingTlsOptions {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'clientCaFile' | 'certificates'>
  /** The certificates (PEM) that vouch for clients where no file does; `undefined` for none. */
  readonly authority: () => string | undefined
  /** The certificate that the cluster has signed, where it is to be one of those. */
  readonly requested: (() => KeyPair | undefined) | undefined
  /** Told, and to be told, when there is another certificate, or others vouch for clients. */
  readonly changes: Listeners
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly log: Logger
}

/**
 * How the HTTPS port is served: with a certificate that the cluster has signed or that the configuration names, else with a
 * self-signed one; all of it may change. Throws `configuration` for files that cannot be used.
 */
export async function openServingTls({
  config,
  authority,
  requested,
  changes,
  nowMs,
  log,
}: OpenServingTlsOptions): Promise<ServingTls & Disposable> {
  await using stack = new AsyncDisposableStack()
  const { clientCaFile, certificates, nodeName: host } = config
  const changed = (): void => changes.tell()
  const given =
    clientCaFile === undefined ? undefined : stack.use(await openClientAuthority(clientCaFile, log, changed))
  const files = async (): Promise<() => KeyPair> => {
    const { folder, servingFiles } = certificates
    const paths = servingFiles ?? (await selfSignedFiles({ folder, host, nowMs, log }))
    const opened = stack.use(await openCertificateFiles(paths, log, changed))
    return () => opened.current()
  }
  const tls = new ServingTls({
    config: certificates,
    certificate: requested ?? (await files()),
    clientAuthority: given === undefined ? authority : () => given.current(),
    changes,
  })
  const opened = stack.move()
  return Object.assign(tls, { [Symbol.dispose]: () => void opened.disposeAsync() })
}
