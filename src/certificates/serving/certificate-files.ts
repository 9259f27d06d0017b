import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { KubeletError } from '../../model/errors.ts'
import { failureText } from '../../util/file-error.ts'
import type { Logger } from '../../util/log.ts'
import { parseKeyPair, type KeyPair } from '../key-pair.ts'
import { ReadAnew } from './read-anew.ts'

/** Where a certificate and its key are. */
export interface CertificatePaths {
  readonly certificate: string
  readonly key: string
}

/**
 * The pair that two files hold. Throws the system's error, and `invalid` naming the files, also for a pair that OpenSSL does
 * not serve with: its key is too short, say.
 */
export async function readPair({ certificate, key }: CertificatePaths): Promise<KeyPair> {
  const certificateText = await readFile(certificate, 'utf8')
  const keyText = await readFile(key, 'utf8')
  try {
    const pair = parseKeyPair(certificateText, keyText)
    // Without authorities: those of the world would be loaded.
    createSecureContext({ cert: pair.certificatePem, key: pair.keyPem, ca: [] })
    return pair
  } catch (error) {
    throw new KubeletError('invalid', `"${certificate}" and "${key}": ${failureText(error)}`, { cause: error })
  }
}

/**
 * A serving certificate that somebody else keeps in two files. They are read again whenever they change; a pair that
 * cannot be used is told of in the log, and the one before it stays in use (pkg/kubelet/certificate/kubelet.go,
 * kubeletServerCertificateDynamicFileManager). Throws `configuration` for files that hold no pair at the start: nobody is
 * served with less.
 */
export async function openCertificateFiles(
  paths: CertificatePaths,
  log: Logger,
  onChange: () => void,
): Promise<ReadAnew<KeyPair>> {
  try {
    return await ReadAnew.open({
      paths: [paths.certificate, paths.key],
      read: () => readPair(paths),
      same: (left, right) => left.certificatePem === right.certificatePem && left.keyPem === right.keyPem,
      onChange: () => {
        log.info('The serving certificate has changed', { path: paths.certificate })
        onChange()
      },
      onFault: (error) =>
        log.error('The serving certificate has changed and cannot be used; the one before it stays in use', {
          reason: failureText(error),
        }),
    })
  } catch (error) {
    const text = `Cannot serve with --tls-cert-file and --tls-private-key-file: ${failureText(error)}`
    throw new KubeletError('configuration', text, { cause: error })
  }
}
