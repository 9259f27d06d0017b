import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import { KubeletError } from '../../model/errors.ts'
import { pemBlock } from '../x509/pem.ts'
import { requestContent, type RequestTemplate } from '../x509/request.ts'
import { algorithmOf, publicKeyInfo, signed } from '../x509/signing.ts'

/**
 * The request (PKCS 10, PEM) for a certificate of this private key. Throws `unsupported` for a key of another
 * kind than RSA, P-256 or P-384.
 */
export function makeRequest(template: RequestTemplate, privateKey: KeyObject): string {
  const algorithm = algorithmOf(privateKey)
  if (algorithm === undefined)
    throw new KubeletError('unsupported', 'No certificate can be asked for with a key of this kind')
  const content = requestContent(template, publicKeyOf(privateKey))
  return pemBlock('CERTIFICATE REQUEST', signed(content, privateKey, algorithm))
}

/** The public half of a private key, as certificates hold it (SubjectPublicKeyInfo). */
export function publicKeyOf(privateKey: KeyObject): Buffer {
  return publicKeyInfo(createPublicKey(privateKey))
}
