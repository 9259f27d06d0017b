import { createHash } from 'node:crypto'
import { boolean, explicit, implicit, integer, objectIdentifier, octetString, sequence, time } from './der.ts'
import {
  alternativeNames,
  distinguishedName,
  extension,
  keyUsageBits,
  type AlternativeNames,
  type KeyUsage,
  type Subject,
} from './fields.ts'

export interface CertificateFields {
  /** Of the issuer's making, not negative, at most 20 bytes. */
  readonly serialNumber: Buffer
  readonly issuer: Subject
  readonly subject: Subject
  readonly validFromMs: number
  readonly validUntilMs: number
  /** The subject's key as SubjectPublicKeyInfo, and the issuer's. */
  readonly publicKey: Buffer
  readonly issuerKey: Buffer
  readonly usages: readonly KeyUsage[]
  readonly kind: 'authority' | 'server'
  readonly names: AlternativeNames
}

const basicConstraints = '2.5.29.19'
const keyUsage = '2.5.29.15'
const extendedKeyUsage = '2.5.29.37'
const subjectKeyIdentifier = '2.5.29.14'
const authorityKeyIdentifier = '2.5.29.35'
const serverAuth = '1.3.6.1.5.5.7.3.1'

/** What is signed in a certificate of version 3 (RFC 5280 4.1); `algorithm` is the identifier of the signature's. */
export function certificateContent(fields: CertificateFields, algorithm: Buffer): Buffer {
  const { kind, publicKey, issuerKey } = fields
  return sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(fields.serialNumber),
    algorithm,
    distinguishedName(fields.issuer),
    sequence(time(fields.validFromMs), time(fields.validUntilMs)),
    distinguishedName(fields.subject),
    publicKey,
    explicit(
      3,
      sequence(
        extension(keyUsage, keyUsageBits(fields.usages), true),
        ...(kind === 'server' ? [extension(extendedKeyUsage, sequence(objectIdentifier(serverAuth)))] : []),
        extension(basicConstraints, kind === 'authority' ? sequence(boolean(true)) : sequence(), true),
        extension(subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
        extension(authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuerKey)))),
        ...alternativeNames(fields.names),
      ),
    ),
  )
}

/** Any value will do that differs from key to key (RFC 7093). */
function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, 20)
}
