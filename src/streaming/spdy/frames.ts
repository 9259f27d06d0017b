/**
 * The frames of SPDY/3.1 ("SPDY Protocol - Draft 3.1", section 2.2 and 2.6), as far as API servers and kubelets speak it.
 * Stream ids have 31 bits, odd ones are the client's. Names of headers are in lower case on the wire.
 */
export type SpdyHeaders = ReadonlyMap<string, string>

export interface SynStream {
  readonly kind: 'syn-stream'
  readonly streamId: number
  /** The sender will send nothing more on this stream. */
  readonly fin: boolean
  /** The receiver may send nothing on this stream. */
  readonly unidirectional: boolean
  readonly headers: SpdyHeaders
}

/** The answer to a `syn-stream`; spdystream throws away what it reads of a stream before. */
export interface SynReply {
  readonly kind: 'syn-reply'
  readonly streamId: number
  readonly fin: boolean
  readonly headers: SpdyHeaders
}

export interface MoreHeaders {
  readonly kind: 'headers'
  readonly streamId: number
  readonly fin: boolean
  readonly headers: SpdyHeaders
}

export interface RstStream {
  readonly kind: 'rst-stream'
  readonly streamId: number
  readonly status: number
}

export interface Settings {
  readonly kind: 'settings'
  readonly settings: readonly { readonly id: number; readonly value: number }[]
}

export interface Ping {
  readonly kind: 'ping'
  /** Odd from the client, even from the server; an answer has the id of what it answers. */
  readonly id: number
}

export interface GoAway {
  readonly kind: 'goaway'
  readonly lastStreamId: number
  readonly status: number
}

export interface WindowUpdate {
  readonly kind: 'window-update'
  readonly streamId: number
  readonly bytes: number
}

export type ControlFrame = SynStream | SynReply | MoreHeaders | RstStream | Settings | Ping | GoAway | WindowUpdate

/** A part of a data frame, as much as came with one read: frames have up to 16 MiB and are never put together. */
export interface DataPart {
  readonly kind: 'data'
  readonly streamId: number
  /** Nothing more comes on this stream; only with the last part of a frame. */
  readonly fin: boolean
  readonly payload: Buffer
}

export type SpdyFrame = ControlFrame | DataPart

export const spdyVersion = 3
export const frameHeaderBytes = 8
/** The length of a frame has 24 bits. */
export const mostPayloadBytes = 2 ** 24 - 1

export const frameTypes = {
  'syn-stream': 1,
  'syn-reply': 2,
  'rst-stream': 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  'window-update': 9,
} as const satisfies Record<ControlFrame['kind'], number>

/** The flags of control frames and of data frames. */
export const finFlag = 1
export const unidirectionalFlag = 2

export const rstStatus = { protocolError: 1, refusedStream: 3, cancel: 5, streamAlreadyClosed: 9 } as const
export const goAwayStatus = { ok: 0, protocolError: 1 } as const
