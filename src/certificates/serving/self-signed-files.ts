import { isIP } from 'node:net'
import { join } from 'node:path'
import { KubeletError } from '../../model/errors.ts'
import { failureText } from '../../util/file-error.ts'
import { hasCode } from '../../util/has-code.ts'
import type { Logger } from '../../util/log.ts'
import { writeAtomically } from '../../util/write-atomically.ts'
import { isExpired } from '../key-pair.ts'
import { makeSelfSigned } from '../self-signed.ts'
import { readPair, type CertificatePaths } from './certificate-files.ts'

export interface SelfSignedFilesOptions {
  /** `--cert-dir`. */
  readonly folder: string
  /** The node's name or address. */
  readonly host: string
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly log: Logger
}

/** Like the kubelet's. */
const days = 365

/**
 * The serving certificate `kubelet.crt` and its key `kubelet.key`, made by the agent itself where there are none that can be
 * used (cmd/kubelet/app/server.go, InitializeTLS; unlike the kubelet's it is also made anew when it has ended). Throws
 * `configuration` where they cannot be written.
 */
export async function selfSignedFiles({ folder, host, nowMs, log }: SelfSignedFilesOptions): Promise<CertificatePaths> {
  const paths = { certificate: join(folder, 'kubelet.crt'), key: join(folder, 'kubelet.key') }
  if (await isUsable(paths, nowMs, log)) return paths
  const { certificatePem, keyPem } = await makeSelfSigned({
    commonName: `${host}@${Math.floor(nowMs / 1000)}`,
    dnsNames: isIP(host) === 0 ? [host] : [],
    ipAddresses: isIP(host) === 0 ? [] : [host],
    nowMs,
    days,
  })
  try {
    // Whoever dies between the two leaves a pair that does not fit, which the next one makes anew.
    await writeAtomically(paths.key, keyPem, 0o600)
    await writeAtomically(paths.certificate, certificatePem, 0o644)
  } catch (error) {
    const text = `Cannot write the self-signed serving certificate: ${failureText(error)}; choose another --cert-dir`
    throw new KubeletError('configuration', text, { cause: error })
  }
  log.info('Made a self-signed serving certificate', { path: paths.certificate })
  return paths
}

async function isUsable(paths: CertificatePaths, nowMs: number, log: Logger): Promise<boolean> {
  try {
    if (!isExpired(await readPair(paths), nowMs)) return true
    log.info('The self-signed serving certificate has ended', { path: paths.certificate })
  } catch (error) {
    if (!hasCode(error, 'ENOENT'))
      log.warn('The self-signed serving certificate is made anew', { reason: failureText(error) })
  }
  return false
}
