import { writeHeaderBlock } from './header-block.ts'
import {
  finFlag,
  frameHeaderBytes,
  frameTypes,
  spdyVersion,
  unidirectionalFlag,
  type ControlFrame,
  type SpdyHeaders,
} from './frames.ts'

/** Compresses the header blocks of one direction of a connection. */
export interface Deflater {
  deflate: (block: Buffer) => Buffer
}

/** A control frame in bytes. Frames with headers have to be sent in the order in which they were encoded. */
export function encodeControlFrame(frame: ControlFrame, deflater: Deflater): Buffer {
  const payload = payloadOf(frame, deflater)
  const header = Buffer.alloc(frameHeaderBytes)
  header.writeUInt16BE(0x8000 | spdyVersion, 0)
  header.writeUInt16BE(frameTypes[frame.kind], 2)
  header.writeUInt32BE(payload.length, 4)
  header.writeUInt8(flagsOf(frame), 4)
  return Buffer.concat([header, payload])
}

/** What stands before `bytes` bytes of payload; at most 2^24 - 1. */
export function encodeDataHeader(streamId: number, bytes: number, fin: boolean): Buffer {
  const header = Buffer.allocUnsafe(frameHeaderBytes)
  header.writeUInt32BE(streamId, 0)
  header.writeUInt32BE(bytes, 4)
  header.writeUInt8(fin ? finFlag : 0, 4)
  return header
}

function payloadOf(frame: ControlFrame, deflater: Deflater): Buffer {
  switch (frame.kind) {
    case 'syn-stream':
      // The stream it belongs to, its priority and its slot are of no use here: 0.
      return Buffer.concat([words(frame.streamId, 0), Buffer.alloc(2), compressed(frame.headers, deflater)])
    case 'syn-reply':
    case 'headers':
      return Buffer.concat([words(frame.streamId), compressed(frame.headers, deflater)])
    case 'rst-stream':
      return words(frame.streamId, frame.status)
    case 'settings':
      return words(frame.settings.length, ...frame.settings.flatMap(({ id, value }) => [id, value]))
    case 'ping':
      return words(frame.id)
    case 'goaway':
      return words(frame.lastStreamId, frame.status)
    case 'window-update':
      return words(frame.streamId, frame.bytes)
    default:
      return frame satisfies never
  }
}

function flagsOf(frame: ControlFrame): number {
  const fin = 'fin' in frame && frame.fin ? finFlag : 0
  return frame.kind === 'syn-stream' && frame.unidirectional ? fin | unidirectionalFlag : fin
}

function compressed(headers: SpdyHeaders, deflater: Deflater): Buffer {
  return deflater.deflate(writeHeaderBlock(headers))
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}
