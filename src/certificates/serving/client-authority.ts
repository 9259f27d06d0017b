import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { KubeletError } from '../../model/errors.ts'
import { failureText } from '../../util/file-error.ts'
import type { Logger } from '../../util/log.ts'
import { pemBlocks } from '../x509/pem.ts'
import { ReadAnew } from './read-anew.ts'

/**
 * The certificates (PEM) that vouch for clients, of `--client-ca-file`, read again whenever the file changes. What cannot be
 * used is told of in the log, and what was there before stays in use. Throws `configuration` for a file that cannot be used
 * at the start.
 */
export async function openClientAuthority(path: string, log: Logger, onChange: () => void): Promise<ReadAnew<string>> {
  try {
    return await ReadAnew.open({
      paths: [path],
      read: () => readAuthority(path),
      same: (left, right) => left === right,
      onChange: () => {
        log.info('The certificates that vouch for clients have changed', { path })
        onChange()
      },
      onFault: (error) =>
        log.error('The certificates that vouch for clients have changed and cannot be used; those before stay in use', {
          reason: failureText(error),
        }),
    })
  } catch (error) {
    const text = `unable to load client CA file "${path}" (--client-ca-file): ${failureText(error)}`
    throw new KubeletError('configuration', text, { cause: error })
  }
}

async function readAuthority(path: string): Promise<string> {
  const certificates = pemBlocks(await readFile(path, 'utf8'), /^CERTIFICATE$/u)
  if (certificates.length === 0) throw new KubeletError('invalid', 'there is no PEM block CERTIFICATE in it')
  for (const certificate of certificates) requireCertificate(certificate)
  return certificates.join('')
}

function requireCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw new KubeletError('invalid', `a certificate in it cannot be read: ${failureText(error)}`, { cause: error })
  }
}
