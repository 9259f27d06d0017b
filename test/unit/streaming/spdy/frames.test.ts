import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FrameDecoder } from '../../../../src/streaming/spdy/decode-frames.ts'
import { encodeControlFrame, encodeDataHeader } from '../../../../src/streaming/spdy/encode-frames.ts'
import type { ControlFrame, SpdyFrame } from '../../../../src/streaming/spdy/frames.ts'
import { parseHeaderBlock, writeHeaderBlock } from '../../../../src/streaming/spdy/header-block.ts'
import { HeaderDeflater } from '../../../../src/streaming/spdy/header-compression.ts'
import { controlFrame, cutAnywhere, dataFrame, headers } from './arbitrary-frames.ts'

describe('Frames', () => {
  it('are read as they were written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(controlFrame, dataFrame), { maxLength: 12 }), cutAnywhere, (frames, cut) => {
        const deflater = new HeaderDeflater()
        const bytes = Buffer.concat(frames.map((frame) => encode(frame, deflater)))
        assert.deepEqual(joined(decodeAll(cut(bytes))), joined(frames))
      }),
    )
  })

  it('of a type that is not known are passed over', () => {
    const unknown = [bytes('80 03 00 0a 00 00 00 05 01 02 03 04 05'), bytes('80 03 00 05 00 00 00 00')]
    const ping = bytes('80 03 00 06 00 00 00 04 00 00 00 07')
    assert.deepEqual(decodeAll([...unknown, ping]), [{ kind: 'ping', id: 7 }])
  })

  it('of data are handed on as they come, and never put together', () => {
    const decoder = new FrameDecoder()
    const chunk = Buffer.concat([encodeDataHeader(1, 16_000_000, true), Buffer.alloc(10)])
    const [part] = [...decoder.decode(chunk)]
    assert.ok(part?.kind === 'data')
    assert.deepEqual([part.payload.length, part.fin], [10, false])
    assert.equal(part.payload.buffer, chunk.buffer)
  })

  for (const [what, text] of [
    ['a data frame of no stream', '00 00 00 00 00 00 00 01 00'],
    ['another version of SPDY', '80 02 00 06 00 00 00 04 00 00 00 01'],
    ['a control frame that is too long', '80 03 00 01 00 01 00 01'],
    ['a ping without an id', '80 03 00 06 00 00 00 00'],
    ['a reset of no stream', '80 03 00 03 00 00 00 08 00 00 00 00 00 00 00 01'],
    ['a reset that is too short', '80 03 00 03 00 00 00 04 00 00 00 01'],
    ['a new stream without headers', '80 03 00 01 00 00 00 06 00 00 00 01 00 00'],
    ['settings that are more than they say', '80 03 00 04 00 00 00 08 00 00 00 00 00 00 00 00'],
    ['settings that are less than they say', '80 03 00 04 00 00 00 04 ff ff ff ff'],
    ['a goodbye without a status', '80 03 00 07 00 00 00 04 00 00 00 00'],
  ] as const) {
    it(`cannot be read when there is ${what}`, () => {
      assert.throws(() => decodeAll([bytes(text)]), { code: 'invalid' })
    })
  }
})

describe('A header block', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(headers, (given) => assert.deepEqual(parseHeaderBlock(writeHeaderBlock(given)), given)))
  })

  it('gives the first of several values', () => {
    const block = writeHeaderBlock(new Map([['streamtype', 'stdin\0stdout']]))
    assert.deepEqual(parseHeaderBlock(block), new Map([['streamtype', 'stdin']]))
  })

  it('cannot be read when it has more headers than anybody sends', () => {
    const entries = Array.from({ length: 101 }, (_, index) => [`x-${index}`, ''] as const)
    assert.equal(parseHeaderBlock(writeHeaderBlock(new Map(entries.slice(1)))).size, 100)
    assert.throws(() => parseHeaderBlock(writeHeaderBlock(new Map(entries))), { code: 'invalid' })
  })

  for (const [what, text] of [
    ['has no count', '00 00'],
    ['has less than it says', '00 00 00 01'],
    ['has a name that is longer than itself', '00 00 00 01 7f ff ff ff 61'],
    ['has a value that is longer than itself', '00 00 00 01 00 00 00 01 61 00 00 00 02 62'],
    ['has more than it says', '00 00 00 00 00'],
    ['has too many headers', 'ff ff ff ff'],
    ['names one in capitals', '00 00 00 01 00 00 00 01 41 00 00 00 00'],
    ['names one not at all', '00 00 00 01 00 00 00 00 00 00 00 00'],
    ['names one twice', '00 00 00 02 00 00 00 01 61 00 00 00 00 00 00 00 01 61 00 00 00 00'],
  ] as const) {
    it(`cannot be read when it ${what}`, () => {
      assert.throws(() => parseHeaderBlock(bytes(text)), { code: 'invalid' })
    })
  }
})

function encode(frame: SpdyFrame, deflater: HeaderDeflater): Buffer {
  if (frame.kind !== 'data') return encodeControlFrame(frame, deflater)
  return Buffer.concat([encodeDataHeader(frame.streamId, frame.payload.length, frame.fin), frame.payload])
}

function decodeAll(chunks: readonly Buffer[]): readonly SpdyFrame[] {
  const decoder = new FrameDecoder()
  return chunks.flatMap((chunk) => [...decoder.decode(chunk)])
}

interface Data {
  readonly streamId: number
  readonly fin: boolean
  readonly text: string
}

/** With the parts of data frames put together, and frames without payload left out where they say nothing. */
function joined(frames: readonly SpdyFrame[]): readonly (ControlFrame | Data)[] {
  const result: (ControlFrame | Data)[] = []
  for (const frame of frames) {
    const last = result.at(-1)
    if (frame.kind !== 'data') result.push(frame)
    else if (last !== undefined && 'text' in last && last.streamId === frame.streamId && !last.fin) {
      result[result.length - 1] = { ...last, fin: frame.fin, text: last.text + frame.payload.toString('hex') }
    } else result.push({ streamId: frame.streamId, fin: frame.fin, text: frame.payload.toString('hex') })
  }
  return result
}

function bytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
