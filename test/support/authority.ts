import { randomBytes, type KeyObject } from 'node:crypto'
import {
  boolean,
  explicit,
  integer,
  objectIdentifier,
  sequence,
  set,
  time,
  utf8String,
} from '../../src/certificates/x509/der.ts'
import { extension, keyUsageBits } from '../../src/certificates/x509/fields.ts'
import { pemBlock } from '../../src/certificates/x509/pem.ts'
import { algorithmOf, generateKeys, keyText, publicKeyInfo, signed } from '../../src/certificates/x509/signing.ts'

/** Attributes of a subject in their order: `['CN', 'anna']`, or by the number of the attribute. */
export type Attributes = readonly (readonly [type: string, text: string])[]

export interface NewCertificate {
  readonly subject: Attributes
  /** Default: for clients. */
  readonly purpose?: 'client' | 'server' | 'authority'
  /** Milliseconds from now. Default: from an hour ago for two hours. */
  readonly fromMs?: number
  readonly toMs?: number
}

export interface KeyPair {
  readonly cert: string
  readonly key: string
}

const numbers: Readonly<Record<string, string>> = { CN: '2.5.4.3', O: '2.5.4.10' }
const purposes = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' }
const hourMs = 3_600_000

/** A certificate authority of a test, itself signed by `issuer` or by nobody else. */
export class Authority {
  readonly cert: string
  readonly #name: Buffer
  readonly #key: KeyObject

  private constructor(cert: string, name: Buffer, key: KeyObject) {
    this.cert = cert
    this.#name = name
    this.#key = key
  }

  static async make(commonName: string, issuer?: Authority): Promise<Authority> {
    const { publicKey, privateKey } = generateKeys()
    const subject = [['CN', commonName]] as const
    const by = issuer ?? new Authority('', nameOf(subject), privateKey)
    const cert = by.#sign({ subject, purpose: 'authority' }, publicKey)
    return new Authority(cert, nameOf(subject), privateKey)
  }

  async issue(wanted: NewCertificate): Promise<KeyPair> {
    const { publicKey, privateKey } = generateKeys()
    return { cert: this.#sign(wanted, publicKey), key: keyText(privateKey) }
  }

  #sign({ subject, purpose = 'client', fromMs = -hourMs, toMs = hourMs }: NewCertificate, key: KeyObject): string {
    const algorithm = algorithmOf(this.#key)
    if (algorithm === undefined) throw new Error('a key that cannot sign')
    const content = sequence(
      explicit(0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
      algorithm.identifier,
      this.#name,
      sequence(time(Date.now() + fromMs), time(Date.now() + toMs)),
      nameOf(subject),
      publicKeyInfo(key),
      explicit(3, sequence(...extensionsFor(purpose))),
    )
    return pemBlock('CERTIFICATE', signed(content, this.#key, algorithm))
  }
}

function nameOf(subject: Attributes): Buffer {
  return sequence(
    ...subject.map(([type, text]) => set(sequence(objectIdentifier(numbers[type] ?? type), utf8String(text)))),
  )
}

function extensionsFor(purpose: 'client' | 'server' | 'authority'): readonly Buffer[] {
  if (purpose !== 'authority') return [extension('2.5.29.37', sequence(objectIdentifier(purposes[purpose])))]
  return [
    extension('2.5.29.19', sequence(boolean(true)), true),
    extension('2.5.29.15', keyUsageBits(['certificateSigning']), true),
  ]
}
