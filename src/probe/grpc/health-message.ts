/**
 * The two messages of gRPC's health protocol (grpc.health.v1), by hand: a request is one optional string, an answer one
 * optional number. Both travel behind 5 bytes, one that says whether they are compressed and four for their length.
 */

const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const
const headerBytes = 5
/** Field 1: a string has wire type 2, a number has 0. */
const stringField = 0x0a
const numberField = 0x08

/** `HealthCheckRequest`; an empty name asks for the server as a whole. */
export function encodeHealthCheck(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([stringField, ...varint(name.length)]), name])
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}

/** The status in a `HealthCheckResponse`, as protobuf prints it; `undefined` for bytes that are none. */
export function decodeHealthStatus(bytes: Buffer): string | undefined {
  if (bytes.length < headerBytes || bytes[0] !== 0) return undefined
  const message = bytes.subarray(headerBytes, headerBytes + bytes.readUInt32BE(1))
  if (message.length === 0) return servingStatuses[0]
  if (message[0] !== numberField || message[1] === undefined) return undefined
  return servingStatuses[message[1]] ?? String(message[1])
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
