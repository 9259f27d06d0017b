/** A frame of Docker's: some bytes of stdout (1), stderr (2) or of what the daemon itself has to say (3). */
export function dockerFrame(stream: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}
