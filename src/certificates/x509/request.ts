import { explicit, integer, objectIdentifier, sequence, set } from './der.ts'
import { alternativeNames, distinguishedName, type AlternativeNames, type Subject } from './fields.ts'

/** What a certificate is asked for: whose, and for which names and addresses. */
export interface RequestTemplate {
  readonly subject: Subject
  readonly names: AlternativeNames
}

const extensionRequest = '1.2.840.113549.1.9.14'

/** What is signed in a request for a certificate (RFC 2986 4.1); `publicKey` is a SubjectPublicKeyInfo. */
export function requestContent({ subject, names }: RequestTemplate, publicKey: Buffer): Buffer {
  const extensions = alternativeNames(names)
  const attributes =
    extensions.length === 0 ? [] : [sequence(objectIdentifier(extensionRequest), set(sequence(...extensions)))]
  return sequence(integer(Buffer.of(0)), distinguishedName(subject), publicKey, explicit(0, Buffer.concat(attributes)))
}
