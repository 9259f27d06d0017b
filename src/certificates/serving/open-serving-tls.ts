import type { KubeletConfig } from '../../config/config.ts'
import { Listeners } from '../../util/listeners.ts'
import type { Logger } from '../../util/log.ts'
import { openCertificateFiles } from './certificate-files.ts'
import { openClientAuthority } from './client-authority.ts'
import { selfSignedFiles } from './self-signed-files.ts'
import { ServingTls } from './serving-tls.ts'

export interface OpenServingTlsOptions {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'clientCaFile' | 'certificates'>
  /** The certificates (PEM) that vouch for clients where no file does. */
  readonly authority: ((signal: AbortSignal) => Promise<string | undefined>) | undefined
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly log: Logger
}

/**
 * How the HTTPS port is served: with the certificate that the configuration names, else a self-signed one, both read again
 * when their files change. Throws `configuration` for files that cannot be used.
 */
export async function openServingTls(
  { config, authority, nowMs, log }: OpenServingTlsOptions,
  signal: AbortSignal,
): Promise<ServingTls & Disposable> {
  await using stack = new AsyncDisposableStack()
  const { clientCaFile, certificates, nodeName: host } = config
  const changes = new Listeners()
  const changed = (): void => changes.tell()
  const given =
    clientCaFile === undefined ? undefined : stack.use(await openClientAuthority(clientCaFile, log, changed))
  const clusters = clientCaFile === undefined ? await authority?.(signal) : undefined
  const paths = certificates.servingFiles ?? (await selfSignedFiles({ folder: certificates.folder, host, nowMs, log }))
  const files = stack.use(await openCertificateFiles(paths, log, changed))
  const tls = new ServingTls({
    config: certificates,
    certificate: () => files.current(),
    clientAuthority: () => given?.current() ?? clusters,
    changes,
  })
  const opened = stack.move()
  return Object.assign(tls, { [Symbol.dispose]: () => void opened.disposeAsync() })
}
