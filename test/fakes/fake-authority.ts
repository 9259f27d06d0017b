import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { certificateContent } from '../../src/certificates/x509/certificate.ts'
import { explicit, integer, sequence, time } from '../../src/certificates/x509/der.ts'
import { distinguishedName } from '../../src/certificates/x509/fields.ts'
import { pemBlock } from '../../src/certificates/x509/pem.ts'
import { algorithmOf, publicKeyInfo, signed } from '../../src/certificates/x509/signing.ts'

const subject = { commonName: 'fake-authority' }

/** Signs what it is asked to, for any time: certificates as a cluster's signer makes them. */
export class FakeAuthority {
  /** Its own certificate. */
  readonly certificatePem: string
  readonly #key: KeyObject
  readonly #algorithm: NonNullable<ReturnType<typeof algorithmOf>>

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const algorithm = algorithmOf(privateKey)
    if (algorithm === undefined) throw new Error('There is no algorithm for P-256')
    this.#key = privateKey
    this.#algorithm = algorithm
    const info = publicKeyInfo(publicKey)
    const content = certificateContent(
      {
        serialNumber: Buffer.of(1),
        issuer: subject,
        subject,
        validFromMs: 0,
        validUntilMs: Date.parse('2100-01-01T00:00:00Z'),
        publicKey: info,
        issuerKey: info,
        usages: ['certificateSigning'],
        kind: 'authority',
        names: { dnsNames: [], ipAddresses: [] },
      },
      algorithm.identifier,
    )
    this.certificatePem = pemBlock('CERTIFICATE', signed(content, privateKey, algorithm))
  }

  /** A certificate for a request in PEM: its subject, key and, unless it is told otherwise, names as they were asked for. */
  sign(request: string, validFromMs: number, validUntilMs: number, { withNames = true } = {}): string {
    const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/gu, ''), 'base64')
    const [content = der] = membersOf(der)
    const [, name = der, key = der, attributes = der] = membersOf(content)
    // [0] { SEQUENCE { OID, SET { SEQUENCE OF Extension } } }
    const [attribute] = membersOf(attributes)
    const extensions = attribute === undefined || !withNames ? [] : membersOf(membersOf(attribute)[1] ?? der)
    const { identifier } = this.#algorithm
    const certificate = sequence(
      explicit(0, integer(Buffer.of(2))),
      integer(randomBytes(8)),
      identifier,
      distinguishedName(subject),
      sequence(time(validFromMs), time(validUntilMs)),
      name,
      key,
      ...extensions.map((extension) => explicit(3, extension)),
    )
    return pemBlock('CERTIFICATE', signed(certificate, this.#key, this.#algorithm))
  }
}

/** The values that a constructed value holds, each as it stands. */
function membersOf(der: Buffer): readonly Buffer[] {
  const members: Buffer[] = []
  for (let rest = contentsOf(der); rest.length > 0;) {
    const member = rest.subarray(0, headOf(rest) + lengthOf(rest))
    members.push(member)
    rest = rest.subarray(member.length)
  }
  return members
}

function contentsOf(der: Buffer): Buffer {
  return der.subarray(headOf(der), headOf(der) + lengthOf(der))
}

function headOf(der: Buffer): number {
  const first = der[1] ?? 0
  return first < 0x80 ? 2 : 2 + (first & 0x7f)
}

function lengthOf(der: Buffer): number {
  const first = der[1] ?? 0
  return first < 0x80 ? first : der.readUIntBE(2, first & 0x7f)
}
