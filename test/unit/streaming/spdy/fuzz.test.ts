import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { acceptSpdy } from '../../../../src/streaming/spdy/connection.ts'
import { FrameDecoder } from '../../../../src/streaming/spdy/decode-frames.ts'
import { encodeControlFrame, encodeDataHeader } from '../../../../src/streaming/spdy/encode-frames.ts'
import type { SpdyFrame } from '../../../../src/streaming/spdy/frames.ts'
import { HeaderDeflater } from '../../../../src/streaming/spdy/header-compression.ts'
import { SpdyPair } from '../../../support/spdy-pair.ts'
import { controlFrame, cutAnywhere, dataFrame } from './arbitrary-frames.ts'

/** What a client could say: streams that are opened in their order, and frames of all kinds on them. */
const session = fc
  .array(fc.oneof(controlFrame, dataFrame), { minLength: 1, maxLength: 20 })
  .map((frames) => Buffer.concat(onSmallIds(frames).map(encoder())))

/** A place in the bytes, and what becomes of it. */
const mutation = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'repeat', 'insert'),
  place: fc.nat(),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
})

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

/** Sends these chunks to a connection that echoes all its streams, then ends; resolves when the connection is closed. */
async function feed(chunks: readonly Buffer[]): Promise<void> {
  const [socket, wire] = duplexPair()
  const connection = acceptSpdy(socket, Buffer.alloc(0), {
    idleTimeoutMs: 3_600_000,
    signal: new AbortController().signal,
  })
  wire.resume()
  for (const chunk of chunks) wire.write(chunk)
  wire.end()
  const echoes: Promise<void>[] = []
  for await (const stream of connection.streams()) echoes.push(pipeline(stream, stream).catch(() => {}))
  await Promise.all(echoes)
  await connection.closed
}

describe('A SPDY connection', () => {
  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 20 }), (chunks) =>
        feed(chunks.map((chunk) => Buffer.from(chunk))),
      ),
      { numRuns: 300 },
    )
  })

  it('survives whatever frames come', async () => {
    await fc.assert(
      fc.asyncProperty(session, cutAnywhere, (bytes, cut) => feed(cut(bytes))),
      { numRuns: 300 },
    )
  })

  it('survives frames that were tampered with', async () => {
    await fc.assert(
      fc.asyncProperty(
        session,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        cutAnywhere,
        (bytes, changes, cut) => feed(cut(changes.reduce(mutate, bytes))),
      ),
      { numRuns: 500 },
    )
  })

  it('gives back on each stream just what came on it', async () => {
    const step = fc.record({ stream: fc.nat(4), bytes: fc.uint8Array({ maxLength: 5000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const pair = new SpdyPair()
        const ids = [0, 1, 2, 3, 4].map(() => pair.client.open())
        const echoes = await Promise.all(ids.map(async () => await pair.next()))
        const ends = echoes.map((stream) => pipeline(stream, stream))
        for (const { stream, bytes } of steps) pair.client.data(ids[stream] ?? 0, Buffer.from(bytes))
        for (const id of ids) pair.client.data(id, '', { fin: true })
        await Promise.all(ends)
        await pair.client.until((client) => ids.every((id) => client.hasEnded(id)))
        for (const [index, id] of ids.entries()) {
          const sent = Buffer.concat(steps.flatMap(({ stream, bytes }) => (stream === index ? [bytes] : [])))
          assert.ok(pair.client.received(id).equals(sent))
        }
        pair.client.end()
        await pair.connection.closed
      }),
      { numRuns: 60 },
    )
  })
})

describe('The decoder', () => {
  it('reads, waits or throws what it says, whatever comes', () => {
    fc.assert(
      fc.property(session, fc.array(mutation, { maxLength: 6 }), cutAnywhere, (bytes, changes, cut) => {
        const decoder = new FrameDecoder()
        try {
          for (const chunk of cut(changes.reduce(mutate, bytes)))
            for (const frame of decoder.decode(chunk)) check(frame)
        } catch (error) {
          assert.ok(error instanceof Error && 'code' in error)
          assert.equal(error.code, 'invalid')
        }
      }),
      { numRuns: 1000 },
    )
  })
})

function check(frame: SpdyFrame): void {
  if ('streamId' in frame && frame.kind !== 'window-update') assert.ok(frame.streamId > 0 && frame.streamId < 2 ** 31)
  if ('headers' in frame) assert.ok(frame.headers.size <= 100)
}

function mutate(bytes: Buffer, { kind, place, bytes: others }: Mutation): Buffer {
  const at = place % (bytes.length + 1)
  const end = Math.min(at + others.length, bytes.length)
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes)
      for (let index = at; index < end; index += 1) flipped[index] = others[index - at] ?? 0
      return flipped
    }
    case 'cut':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), others, bytes.subarray(at)])
    default:
      return kind satisfies never
  }
}

/** On the ids that a client opens, one after the other, so that most frames are of a stream that is there. */
function onSmallIds(frames: readonly SpdyFrame[]): readonly SpdyFrame[] {
  let opened = 0
  return frames.map((frame) => {
    if (!('streamId' in frame)) return frame
    if (frame.kind === 'syn-stream') opened += 1
    const streamId = frame.kind === 'syn-stream' ? opened * 2 - 1 : (frame.streamId % Math.max(opened, 1)) * 2 + 1
    return { ...frame, streamId }
  })
}

function encoder(): (frame: SpdyFrame) => Buffer {
  const deflater = new HeaderDeflater()
  return (frame) =>
    frame.kind === 'data'
      ? Buffer.concat([encodeDataHeader(frame.streamId, frame.payload.length, frame.fin), frame.payload])
      : encodeControlFrame(frame, deflater)
}
