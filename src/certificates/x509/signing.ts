/** What is signed: the bytes, the name of the algorithm, the signature (RFC 5280 4.1.1, RFC 5758, RFC 4055). */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bitString, objectIdentifier, sequence } from './der.ts'

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const ecdsaWithSha384 = sequence(objectIdentifier('1.2.840.10045.4.3.3'))
/** With parameters, though they are nothing: a NULL. */
const rsaWithSha256 = sequence(objectIdentifier('1.2.840.113549.1.1.11'), Buffer.of(5, 0))

interface Algorithm {
  readonly identifier: Buffer
  readonly hash: string
}

/** A pair of keys on the curve P-256. It takes a tenth of a millisecond, so nobody is made to wait for it. */
export function generateKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** The identifier of the algorithm that `signed` uses with this key, which a certificate repeats inside what is signed. */
export function algorithmOf(key: KeyObject): Algorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return { identifier: rsaWithSha256, hash: 'sha256' }
  if (key.asymmetricKeyType !== 'ec') return undefined
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return { identifier: ecdsaWithSha256, hash: 'sha256' }
    case 'secp384r1':
      return { identifier: ecdsaWithSha384, hash: 'sha384' }
    default:
      return undefined
  }
}

/** `content` with its signature, as certificates and requests for them have it. */
export function signed(content: Buffer, key: KeyObject, { identifier, hash }: Algorithm): Buffer {
  return sequence(content, identifier, bitString(sign(hash, content, key)))
}

/** The key as a PKCS 8 PEM text. */
export function keyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The public half as certificates hold it (SubjectPublicKeyInfo). */
export function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}
