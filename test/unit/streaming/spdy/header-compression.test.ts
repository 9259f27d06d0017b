import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, createDeflate, createInflate, deflateSync, type Deflate, type Inflate } from 'node:zlib'
import fc from 'fast-check'
import { spdyDictionary } from '../../../../src/streaming/spdy/dictionary.ts'
import { HeaderDeflater, HeaderInflater } from '../../../../src/streaming/spdy/header-compression.ts'

const blocks = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(spdyDictionary.subarray(100, 900)),
    fc.integer({ min: 0, max: 8000 }).map((length) => new Uint8Array(length).fill(120)),
  ),
  // Together they are more than zlib's window.
  { minLength: 1, maxLength: 12 },
)

/** One zlib stream for all blocks, flushed after each, as Go's client has it. */
function zlibDeflater(level: number): (block: Uint8Array) => Promise<Buffer> {
  const stream = createDeflate({ dictionary: spdyDictionary, level, flush: constants.Z_SYNC_FLUSH })
  return (block) => through(stream, block)
}

async function through(stream: Deflate | Inflate, block: Uint8Array): Promise<Buffer> {
  const parts: Buffer[] = []
  const take = (part: Buffer): void => void parts.push(part)
  stream.on('data', take)
  await new Promise<void>((resolve, reject) => {
    stream.write(block, (error) => (error ? reject(error) : resolve()))
  })
  stream.off('data', take)
  return Buffer.concat(parts)
}

describe('Header blocks', () => {
  it('are read as zlib has written them, whatever its level, each with what was said before', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 0, max: 9 }), async (given, level) => {
        const deflate = zlibDeflater(level)
        const inflater = new HeaderInflater()
        for (const block of given) {
          if (block.length > 0) assert.ok(inflater.inflate(await deflate(block)).equals(block))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('are written so that zlib reads them', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (given) => {
        const deflater = new HeaderDeflater()
        const stream = createInflate({ dictionary: spdyDictionary, finishFlush: constants.Z_SYNC_FLUSH })
        for (const block of given) {
          const deflated = deflater.deflate(Buffer.from(block))
          assert.ok((await through(stream, deflated)).equals(block))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('are not inflated to more than 8 KiB', () => {
    const longest = deflateSync(Buffer.alloc(8 * 1024), { dictionary: spdyDictionary })
    assert.equal(new HeaderInflater().inflate(longest).length, 8 * 1024)
    const longer = deflateSync(Buffer.alloc(8 * 1024 + 1), { dictionary: spdyDictionary })
    assert.throws(() => new HeaderInflater().inflate(longer), { code: 'invalid' })
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024), { dictionary: spdyDictionary })
    assert.ok(bomb.length < 128 * 1024)
    assert.throws(() => new HeaderInflater().inflate(bomb), { code: 'invalid' })
  })

  for (const [what, block] of [
    ['are not compressed', Buffer.from('not compressed at all')],
    ['are compressed without the dictionary', deflateSync('x')],
    ['are compressed with another dictionary', deflateSync('x', { dictionary: Buffer.from('another') })],
    ['end before they begin', Buffer.from([0x78])],
    [
      'are garbage',
      Buffer.concat([new HeaderDeflater().deflate(Buffer.alloc(0)).subarray(0, 6), Buffer.alloc(9, 0xff)]),
    ],
  ] as const) {
    it(`are refused when they ${what}`, () => {
      assert.throws(() => new HeaderInflater().inflate(block), { code: 'invalid' })
    })
  }
})
