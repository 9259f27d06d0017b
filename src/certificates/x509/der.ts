/**
 * Writes DER (X.690), as much of it as certificates and requests for them need. Every function gives a whole value, tag and
 * length included. See docs/decisions/certificates.md for why this is not a library.
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Context-specific tags: of a value that stands for itself, and of one that holds others. */
const contextPrimitive = 0x80
const contextConstructed = 0xa0

export function sequence(...values: readonly Buffer[]): Buffer {
  return tagged(tags.sequence, Buffer.concat(values))
}

/** DER wants the members of a set in order. */
export function set(...values: readonly Buffer[]): Buffer {
  return tagged(tags.set, Buffer.concat(values.toSorted((left, right) => Buffer.compare(left, right))))
}

export function boolean(value: boolean): Buffer {
  return tagged(tags.boolean, Buffer.of(value ? 0xff : 0))
}

/** A number that is not negative, as its bytes, the highest first. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first === -1 ? Buffer.of(0) : bytes.subarray(first)
  // The highest bit is the sign.
  return tagged(tags.integer, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.of(0), digits]))
}

/** Bytes as a string of bits, the last `unusedBits` of which mean nothing. */
export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return tagged(tags.bitString, Buffer.concat([Buffer.of(unusedBits), bytes]))
}

export function octetString(bytes: Buffer): Buffer {
  return tagged(tags.octetString, bytes)
}

export function utf8String(text: string): Buffer {
  return tagged(tags.utf8String, Buffer.from(text, 'utf8'))
}

/** Only for texts that `isPrintable` accepts. */
export function printableString(text: string): Buffer {
  return tagged(tags.printableString, Buffer.from(text, 'latin1'))
}

/** Whether a PrintableString may hold it. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/u.test(text)
}

/** An object identifier from its dotted form, `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(tags.objectIdentifier, Buffer.concat([first * 40 + second, ...rest].map(base128)))
}

/** A moment of time (epoch milliseconds), cut to the second. RFC 5280 wants the short form until the end of 2049. */
export function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-T:]/gu, '')}Z`
  if (Number(digits.slice(0, 4)) < 2050) return tagged(tags.utcTime, Buffer.from(digits.slice(2)))
  return tagged(tags.generalizedTime, Buffer.from(digits))
}

/** `value` in the context-specific tag [number]. */
export function explicit(number: number, value: Buffer): Buffer {
  return tagged(contextConstructed + number, value)
}

/** Contents whose own tag is replaced by the context-specific [number]. */
export function implicit(number: number, contents: Buffer): Buffer {
  return tagged(contextPrimitive + number, contents)
}

function tagged(tag: number, contents: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(contents.length), contents])
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes)
  const digits = bytes < 0x100 ? [bytes] : bytes < 0x1_0000 ? [bytes >> 8, bytes & 0xff] : threeBytes(bytes)
  return Buffer.of(0x80 + digits.length, ...digits)
}

function threeBytes(number: number): readonly number[] {
  return [number >> 16, (number >> 8) & 0xff, number & 0xff]
}

function base128(number: number): Buffer {
  const digits = [number % 128]
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 + (rest % 128))
  return Buffer.from(digits)
}
