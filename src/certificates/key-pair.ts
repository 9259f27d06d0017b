import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { KubeletError } from '../model/errors.ts'
import { pemBlocks } from './x509/pem.ts'

/** A certificate with what it is shown with, and the key that belongs to it. */
export interface KeyPair {
  /** The certificate, and after it those that vouch for it, if any: PEM. */
  readonly certificatePem: string
  readonly keyPem: string
  /** The first of the certificates. */
  readonly leaf: X509Certificate
}

/**
 * The pair that two texts hold, which may be one and the same. Throws `invalid`, saying what of it is no certificate or key
 * or that the two do not belong together.
 */
export function parseKeyPair(certificateText: string, keyText: string): KeyPair {
  const certificates = pemBlocks(certificateText, /^CERTIFICATE$/u)
  const [first] = certificates
  const [keyPem] = pemBlocks(keyText, /^(?:[A-Z]+ )?PRIVATE KEY$/u)
  if (first === undefined) throw new KubeletError('invalid', 'there is no PEM block CERTIFICATE in it')
  if (keyPem === undefined) throw new KubeletError('invalid', 'there is no PEM block PRIVATE KEY in it')
  const leaf = parsed('certificate', () => new X509Certificate(first))
  for (const more of certificates.slice(1)) parsed('certificate', () => new X509Certificate(more))
  const key = parsed('private key', () => createPrivateKey(keyPem))
  if (!leaf.checkPrivateKey(key)) throw new KubeletError('invalid', 'private key does not match public key')
  return { certificatePem: certificates.join(''), keyPem, leaf }
}

/** The key in a PEM text; `undefined` where it holds none that can be read. */
export function parseKey(text: string): KeyObject | undefined {
  const [keyPem] = pemBlocks(text, /^(?:[A-Z]+ )?PRIVATE KEY$/u)
  try {
    return keyPem === undefined ? undefined : createPrivateKey(keyPem)
  } catch {
    return undefined
  }
}

/** Whether it is past its end. */
export function isExpired({ leaf }: KeyPair, nowMs: number): boolean {
  return nowMs > leaf.validToDate.getTime()
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeletError('invalid', `the ${what} cannot be read: ${reason}`, { cause: error })
  }
}
