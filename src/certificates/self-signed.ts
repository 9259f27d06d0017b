import { randomBytes, type KeyObject } from 'node:crypto'
import { KubeletError } from '../model/errors.ts'
import { certificateContent, type CertificateFields } from './x509/certificate.ts'
import { pemBlock } from './x509/pem.ts'
import { algorithmOf, generateKeys, keyText, publicKeyInfo, signed } from './x509/signing.ts'

export interface SelfSignedOptions {
  /** Of the certificate's subject; its issuer has the same with `-ca` behind the host. */
  readonly commonName: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** Epoch milliseconds. */
  readonly nowMs: number
  /** How long it is valid. */
  readonly days: number
}

export interface CertificateAndKey {
  /** The certificate, and after it its issuer's. */
  readonly certificatePem: string
  /** PKCS 8, not encrypted. */
  readonly keyPem: string
}

/** Clocks differ: it has been valid for an hour when it is made. */
const backdatedMs = 3_600_000
const dayMs = 86_400_000

/**
 * A serving certificate, signed by an authority that exists for this one only: its key is forgotten. Of the kubelet's shape
 * (client-go's util/cert, GenerateSelfSignedCertKey), with keys on P-256, which take a millisecond to make where RSA takes
 * a hundred.
 */
export async function makeSelfSigned(options: SelfSignedOptions): Promise<CertificateAndKey> {
  const [authority, server] = [generateKeys(), generateKeys()]
  const issuer = { commonName: options.commonName.replace(/@|$/u, (at) => `-ca${at}`) }
  const validFromMs = options.nowMs - backdatedMs
  const common = {
    issuer,
    issuerKey: publicKeyInfo(authority.publicKey),
    validFromMs,
    validUntilMs: validFromMs + options.days * dayMs,
  }
  const own = certificate(authority.privateKey, {
    ...common,
    serialNumber: serialNumber(),
    subject: issuer,
    publicKey: common.issuerKey,
    usages: ['digitalSignature', 'keyEncipherment', 'certificateSigning'],
    kind: 'authority',
    names: { dnsNames: [], ipAddresses: [] },
  })
  const serving = certificate(authority.privateKey, {
    ...common,
    serialNumber: serialNumber(),
    subject: { commonName: options.commonName },
    publicKey: publicKeyInfo(server.publicKey),
    usages: ['digitalSignature'],
    kind: 'server',
    names: options,
  })
  return { certificatePem: serving + own, keyPem: keyText(server.privateKey) }
}

function certificate(key: KeyObject, fields: CertificateFields): string {
  const algorithm = algorithmOf(key)
  if (algorithm === undefined) throw new KubeletError('internal', 'No signature algorithm for the key of a certificate')
  return pemBlock('CERTIFICATE', signed(certificateContent(fields, algorithm.identifier), key, algorithm))
}

/** Positive and not nothing, in 8 bytes like the kubelet's. */
function serialNumber(): Buffer {
  const bytes = randomBytes(8)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return bytes
}
