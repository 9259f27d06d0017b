/**
 * Messages of D-Bus, as far as logind has to be talked with (https://dbus.freedesktop.org/doc/dbus-specification.html):
 * calls with texts and numbers, and answers and signals of such.
 */

export type DbusValue = string | number | boolean | bigint

export interface MethodCall {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  /** Each with its type: `s` or `i`. */
  readonly args?: readonly { readonly type: 's' | 'i'; readonly value: string | number }[]
}

/** What came. */
export interface DbusMessage {
  readonly kind: 'call' | 'return' | 'error' | 'signal'
  /** The call that it answers. */
  readonly replyTo: number | undefined
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly errorName: string
  readonly sender: string
  /** Empty where it holds what this is not made for, such as lists. */
  readonly body: readonly DbusValue[]
}

const little = 0x6c
const callType = 1
const kinds = [undefined, 'call', 'return', 'error', 'signal'] as const
const fields = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  sender: 7,
  signature: 8,
}

/** A call as it is sent. `serial` is above 0, and no other call's. */
export function encodeCall(call: MethodCall, serial: number): Buffer {
  const { args = [] } = call
  const body = new Writer()
  for (const { type, value } of args) {
    if (type === 's') body.text(String(value))
    else body.int32(Number(value))
  }
  const header = new Writer()
  header.byte(little, callType, 0, 1)
  header.uint32(body.length)
  header.uint32(serial)
  const list = new Writer()
  const texts = [
    [fields.path, 'o', call.path],
    [fields.destination, 's', call.destination],
    [fields.interface, 's', call.interface],
    [fields.member, 's', call.member],
  ] as const
  for (const [field, type, value] of texts) {
    list.align(8)
    list.byte(field)
    list.signature(type)
    list.text(value)
  }
  if (args.length > 0) {
    list.align(8)
    list.byte(fields.signature)
    list.signature('g')
    list.signature(args.map(({ type }) => type).join(''))
  }
  // The header's fields begin 16 bytes in, which is aligned for all.
  header.uint32(list.length)
  header.append(list)
  header.align(8)
  header.append(body)
  return header.bytes()
}

/** How many bytes the message has that begins here; `undefined` while too few are there to know. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 16) return undefined
  const isLittle = bytes[0] === little
  const bodyLength = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)
  const fieldsLength = isLittle ? bytes.readUInt32LE(12) : bytes.readUInt32BE(12)
  return aligned(16 + fieldsLength, 8) + bodyLength
}

/** A whole message. Throws for what is none. */
export function decodeMessage(bytes: Buffer): DbusMessage {
  const kind = kinds[bytes[1] ?? 0]
  if (kind === undefined) throw new Error(`D-Bus has no message of type ${String(bytes[1])}`)
  const reader = new Reader(bytes, bytes[0] === little)
  reader.at = 12
  const end = reader.uint32() + reader.at
  const found = new Map<number, DbusValue>()
  while (reader.at < end) {
    reader.align(8)
    const field = reader.byte()
    found.set(field, reader.value(reader.signature()))
  }
  reader.at = aligned(end, 8)
  const text = (field: number): string => String(found.get(field) ?? '')
  const replyTo = found.get(fields.replySerial)
  return {
    kind,
    replyTo: typeof replyTo === 'number' ? replyTo : undefined,
    path: text(fields.path),
    interface: text(fields.interface),
    member: text(fields.member),
    errorName: text(fields.errorName),
    sender: text(fields.sender),
    body: bodyOf(reader, text(fields.signature)),
  }
}

function bodyOf(reader: Reader, signature: string): readonly DbusValue[] {
  return /^[ybnqiuxtsogv]*$/u.test(signature) ? Array.from(signature, (type) => reader.value(type)) : []
}

function aligned(at: number, to: number): number {
  return Math.ceil(at / to) * to
}

class Writer {
  readonly #bytes: number[] = []

  get length(): number {
    return this.#bytes.length
  }

  align(to: number): void {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0)
  }

  byte(...values: readonly number[]): void {
    this.#bytes.push(...values)
  }

  uint32(value: number): void {
    this.align(4)
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    this.byte(...bytes)
  }

  int32(value: number): void {
    this.uint32(value >>> 0)
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    this.uint32(bytes.length)
    this.byte(...bytes, 0)
  }

  signature(value: string): void {
    this.byte(value.length, ...Buffer.from(value), 0)
  }

  append(other: Writer): void {
    this.byte(...other.#bytes)
  }

  bytes(): Buffer {
    return Buffer.from(this.#bytes)
  }
}

class Reader {
  at = 0
  readonly #bytes: Buffer
  readonly #isLittle: boolean

  constructor(bytes: Buffer, isLittle: boolean) {
    this.#bytes = bytes
    this.#isLittle = isLittle
  }

  align(to: number): void {
    this.at = aligned(this.at, to)
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  uint32(): number {
    const at = this.#take(4)
    return this.#isLittle ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at)
  }

  signature(): string {
    return this.#text(this.byte())
  }

  value(type: string): DbusValue {
    switch (type) {
      case 'y':
        return this.byte()
      case 'b':
        return this.uint32() !== 0
      case 'n':
      case 'q':
        return this.#short(type)
      case 'i':
        return this.uint32() | 0
      case 'u':
        return this.uint32()
      case 'x':
      case 't':
        return this.#long(type)
      case 's':
      case 'o':
        return this.#text(this.uint32())
      case 'g':
        return this.signature()
      case 'v':
        return this.value(this.signature())
      default:
        throw new Error(`A value of D-Bus has the type "${type}"`)
    }
  }

  #short(type: 'n' | 'q'): number {
    const at = this.#take(2)
    const value = this.#isLittle ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at)
    return type === 'q' ? value : (value << 16) >> 16
  }

  #long(type: 'x' | 't'): bigint {
    const at = this.#take(8)
    const value = this.#isLittle ? this.#bytes.readBigUInt64LE(at) : this.#bytes.readBigUInt64BE(at)
    return type === 't' ? value : BigInt.asIntN(64, value)
  }

  /** Where `size` bytes begin, aligned for themselves. */
  #take(size: number): number {
    this.align(size)
    this.at += size
    return this.at - size
  }

  #text(length: number): string {
    const text = this.#bytes.toString('utf8', this.at, this.at + length)
    if (this.at + length >= this.#bytes.length) throw new Error('A text of D-Bus is longer than its message')
    this.at += length + 1
    return text
  }
}
