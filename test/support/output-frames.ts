/** A frame of Docker's: 1 for stdout, 2 for stderr, 3 for what has gone wrong with Docker. */
export function outputFrame(stream: 1 | 2 | 3, text: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

/** Every way to cut bytes into two chunks, and into chunks of one byte; the chunks are nobody else's. */
export function* cuts(bytes: Buffer): Generator<readonly Buffer[], void, undefined> {
  for (let cut = 0; cut <= bytes.length; cut++) {
    yield [Buffer.from(bytes.subarray(0, cut)), Buffer.from(bytes.subarray(cut))]
  }
  yield [...bytes].map((byte) => Buffer.from([byte]))
}
