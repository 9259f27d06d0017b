import { KubeletError } from '../../model/errors.ts'
import { parseHeaderBlock } from './header-block.ts'
import { HeaderInflater } from './header-compression.ts'
import {
  finFlag,
  frameHeaderBytes,
  frameTypes,
  spdyVersion,
  unidirectionalFlag,
  type ControlFrame,
  type SpdyFrame,
  type SpdyHeaders,
} from './frames.ts'

/** The most that a control frame may have: they are put together in memory. kubectl's have less than 200 bytes. */
const mostControlBytes = 64 * 1024

/** Where in the bytes of a connection the decoder stands. */
type Place =
  | { readonly kind: 'header' }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly bytes: number }
  | { readonly kind: 'data'; readonly streamId: number; readonly fin: boolean; readonly left: number }
  /** In a frame of a type that SPDY/3.1 does not know, which is to be ignored. */
  | { readonly kind: 'unknown'; readonly left: number }

/**
 * Reads the frames of one direction of a connection out of chunks that are cut anywhere. It keeps no more than one
 * control frame; the payload of data frames is handed on as it comes, without a copy.
 */
export class FrameDecoder {
  readonly #inflater = new HeaderInflater()
  /** Bytes of the frame header or of the control frame that is not complete yet. */
  #kept: Buffer | undefined
  #keptBytes = 0
  #place: Place = { kind: 'header' };

  /**
   * The frames that end in `chunk`, and the parts of data frames in it. Throws `invalid` at a frame that can't be read;
   * nothing can be read after it, since nobody knows where the next one starts.
   */
  *decode(chunk: Buffer): Generator<SpdyFrame, void, undefined> {
    let rest = chunk
    while (rest.length > 0) {
      const place = this.#place
      switch (place.kind) {
        case 'header': {
          const taken = this.#collect(rest, frameHeaderBytes)
          rest = rest.subarray(taken)
          if (this.#keptBytes === frameHeaderBytes) {
            this.#place = placeAfter(this.#release())
            yield* this.#emptyFrame()
          }
          break
        }
        case 'control': {
          rest = rest.subarray(this.#collect(rest, place.bytes))
          if (this.#keptBytes === place.bytes) yield* this.#control(place.type, place.flags)
          break
        }
        case 'data': {
          const payload = rest.subarray(0, place.left)
          rest = rest.subarray(payload.length)
          const left = place.left - payload.length
          this.#place = left === 0 ? { kind: 'header' } : { ...place, left }
          yield { kind: 'data', streamId: place.streamId, fin: place.fin && left === 0, payload }
          break
        }
        case 'unknown': {
          const left = Math.max(place.left - rest.length, 0)
          rest = rest.subarray(place.left)
          this.#place = left === 0 ? { kind: 'header' } : { kind: 'unknown', left }
          break
        }
        default:
          place satisfies never
      }
    }
  }

  /** A frame without payload is over with its header. */
  *#emptyFrame(): Generator<SpdyFrame, void, undefined> {
    const place = this.#place
    if (place.kind === 'control' && place.bytes === 0) yield* this.#control(place.type, place.flags)
    if (place.kind === 'data' && place.left === 0) {
      this.#place = { kind: 'header' }
      yield { kind: 'data', streamId: place.streamId, fin: place.fin, payload: Buffer.alloc(0) }
    }
    if (place.kind === 'unknown' && place.left === 0) this.#place = { kind: 'header' }
  }

  *#control(type: number, flags: number): Generator<SpdyFrame, void, undefined> {
    this.#place = { kind: 'header' }
    yield parseControlFrame(type, flags, this.#release(), this.#inflater)
  }

  /** Keeps bytes until there are `wanted`; gives how many it took. What comes in parts is copied, however small they are. */
  #collect(rest: Buffer, wanted: number): number {
    const taken = Math.min(wanted - this.#keptBytes, rest.length)
    if (taken === wanted) {
      this.#kept = rest.subarray(0, taken)
    } else {
      this.#kept ??= Buffer.allocUnsafeSlow(wanted)
      rest.copy(this.#kept, this.#keptBytes, 0, taken)
    }
    this.#keptBytes += taken
    return taken
  }

  #release(): Buffer {
    const bytes = this.#kept ?? Buffer.alloc(0)
    this.#kept = undefined
    this.#keptBytes = 0
    return bytes
  }
}

const knownTypes: ReadonlySet<number> = new Set(Object.values(frameTypes))

function placeAfter(header: Buffer): Place {
  const first = header.readUInt32BE(0)
  const flags = header.readUInt8(4)
  const bytes = header.readUIntBE(5, 3)
  if (first < 0x8000_0000) {
    if (first === 0) throw new KubeletError('invalid', 'a data frame is of no stream')
    return { kind: 'data', streamId: first, fin: (flags & finFlag) !== 0, left: bytes }
  }
  const version = (first >>> 16) & 0x7fff
  const type = first & 0xffff
  if (version !== spdyVersion) throw new KubeletError('invalid', `a frame is of version ${version} of SPDY, not 3`)
  if (!knownTypes.has(type)) return { kind: 'unknown', left: bytes }
  if (bytes > mostControlBytes) throw new KubeletError('invalid', `a control frame has ${bytes} bytes`)
  return { kind: 'control', type, flags, bytes }
}

function parseControlFrame(type: number, flags: number, payload: Buffer, inflater: HeaderInflater): ControlFrame {
  const fin = (flags & finFlag) !== 0
  switch (type) {
    case frameTypes['syn-stream']: {
      const unidirectional = (flags & unidirectionalFlag) !== 0
      const headers = headersIn(payload, 10, inflater)
      return { kind: 'syn-stream', streamId: streamIdIn(payload), fin, unidirectional, headers }
    }
    case frameTypes['syn-reply']: {
      const headers = headersIn(payload, 4, inflater)
      return { kind: 'syn-reply', streamId: streamIdIn(payload), fin, headers }
    }
    case frameTypes.headers: {
      const headers = headersIn(payload, 4, inflater)
      return { kind: 'headers', streamId: streamIdIn(payload), fin, headers }
    }
    case frameTypes['rst-stream']:
      return { kind: 'rst-stream', streamId: streamIdIn(payload), status: wordAt(payload, 4) }
    case frameTypes.settings:
      return settingsIn(payload)
    case frameTypes.ping:
      return { kind: 'ping', id: wordAt(payload, 0) }
    case frameTypes.goaway:
      return { kind: 'goaway', lastStreamId: idAt(payload, 0), status: wordAt(payload, 4) }
    default:
      return { kind: 'window-update', streamId: idAt(payload, 0), bytes: idAt(payload, 4) }
  }
}

function headersIn(payload: Buffer, start: number, inflater: HeaderInflater): SpdyHeaders {
  if (payload.length < start) throw tooShort()
  return parseHeaderBlock(inflater.inflate(payload.subarray(start)))
}

function settingsIn(payload: Buffer): ControlFrame {
  const count = wordAt(payload, 0)
  if (payload.length !== 4 + count * 8) throw new KubeletError('invalid', 'a SETTINGS frame lies about its length')
  const settings = Array.from({ length: count }, (_, index) => ({
    id: wordAt(payload, 4 + index * 8),
    value: wordAt(payload, 8 + index * 8),
  }))
  return { kind: 'settings', settings }
}

function streamIdIn(payload: Buffer): number {
  const id = idAt(payload, 0)
  if (id === 0) throw new KubeletError('invalid', 'a control frame is of no stream')
  return id
}

/** 31 bits; the first one is reserved. */
function idAt(payload: Buffer, offset: number): number {
  return wordAt(payload, offset) & 0x7fff_ffff
}

function wordAt(payload: Buffer, offset: number): number {
  if (payload.length < offset + 4) throw tooShort()
  return payload.readUInt32BE(offset)
}

function tooShort(): KubeletError {
  return new KubeletError('invalid', 'a control frame is too short')
}
