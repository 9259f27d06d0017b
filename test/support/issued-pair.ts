import { X509Certificate } from 'node:crypto'
import type { KeyPair } from '../../src/certificates/key-pair.ts'
import { makeRequest } from '../../src/certificates/requests/make-request.ts'
import { clientTemplate } from '../../src/certificates/requests/node-request.ts'
import type { RequestTemplate } from '../../src/certificates/x509/request.ts'
import { generateKeys, keyText } from '../../src/certificates/x509/signing.ts'
import type { FakeAuthority } from '../fakes/fake-authority.ts'

/** A certificate that the authority has signed, for that time (epoch milliseconds), with a key of its own. */
export async function issuedPair(
  authority: FakeAuthority,
  validFromMs: number,
  validUntilMs: number,
  template: RequestTemplate = clientTemplate('node-1'),
): Promise<KeyPair> {
  const { privateKey } = generateKeys()
  const certificatePem = authority.sign(makeRequest(template, privateKey), validFromMs, validUntilMs)
  return { certificatePem, keyPem: keyText(privateKey), leaf: new X509Certificate(certificatePem) }
}
