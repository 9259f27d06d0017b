/** A frame of Docker's: some bytes of stdout (1), stderr (2) or of what the daemon itself has to say (3). */
export function dockerFrame(stream: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

/** Every way to cut bytes into two chunks, and into chunks of one byte; the chunks are nobody else's. */
export function* cuts(bytes: Buffer): Generator<readonly Buffer[], void, undefined> {
  for (let cut = 0; cut <= bytes.length; cut++) {
    yield [Buffer.from(bytes.subarray(0, cut)), Buffer.from(bytes.subarray(cut))]
  }
  yield [...bytes].map((byte) => Buffer.from([byte]))
}
