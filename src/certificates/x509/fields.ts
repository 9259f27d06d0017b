/** The parts that certificates and requests for them have in common (RFC 5280, RFC 2986), as DER. */
import { isIPv4 } from 'node:net'
import {
  bitString,
  boolean,
  implicit,
  isPrintable,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  set,
  utf8String,
} from './der.ts'

/** Whom a certificate is of. */
export interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
}

/** The names and addresses that a server answers to. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[]
  /** IPv4 and IPv6, in any notation that `isIP` accepts, without a zone. */
  readonly ipAddresses: readonly string[]
}

export type KeyUsage = 'digitalSignature' | 'keyEncipherment' | 'certificateSigning'

const organizationName = '2.5.4.10'
const commonName = '2.5.4.3'
const subjectAlternativeName = '2.5.29.17'
/** Bits of the first byte, counted from the highest. */
const usageBits: Readonly<Record<KeyUsage, number>> = {
  digitalSignature: 0x80,
  keyEncipherment: 0x20,
  certificateSigning: 0x04,
}

/** The subject in the order in which Go writes it: the organization before the name. */
export function distinguishedName(subject: Subject): Buffer {
  const attribute = (type: string, text: string): Buffer =>
    sequence(objectIdentifier(type), isPrintable(text) ? printableString(text) : utf8String(text))
  const organizations = (subject.organizations ?? []).map((name) => attribute(organizationName, name))
  return sequence(
    ...(organizations.length === 0 ? [] : [set(...organizations)]),
    set(attribute(commonName, subject.commonName)),
  )
}

/** The extensions that name a server, none where there are neither names nor addresses. */
export function alternativeNames({ dnsNames, ipAddresses }: AlternativeNames): readonly Buffer[] {
  const names = [
    ...dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...ipAddresses.map((address) => implicit(7, addressBytes(address))),
  ]
  return names.length === 0 ? [] : [extension(subjectAlternativeName, sequence(...names))]
}

export function extension(type: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(type), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** The value of the extension keyUsage. */
export function keyUsageBits(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.reduce((sum, usage) => sum | usageBits[usage], 0)
  // DER leaves out the zeros at the end.
  const unused = bits === 0 ? 0 : Math.log2(bits & -bits)
  return bitString(bits === 0 ? Buffer.alloc(0) : Buffer.of(bits), unused)
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // The URL parser writes every notation, a dotted end included, as groups of hexadecimal digits.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return Buffer.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]))
}
