import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { tail, withoutFrames } from '../../../src/engine/docker-logs.ts'

describe('withoutFrames', () => {
  it('joins stdout and stderr, wherever the stream is cut into chunks', async () => {
    const bytes = Buffer.concat([frame(1, 'out\n'), frame(2, ''), frame(2, 'err\n'), frame(1, 'ärger')])
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)])
      assert.equal(await tail(withoutFrames(stream)), 'out\nerr\närger')
    }
  })
})

describe('tail', () => {
  it('keeps the last 64 KiB, from the beginning of a character on', async () => {
    const text = 'a'.repeat(70_000) + 'ä'.repeat(32 * 1024)
    assert.equal(await tail(Readable.from([Buffer.from(text)])), 'ä'.repeat(32 * 1024))
    assert.equal(await tail(Readable.from([Buffer.from(`${text}b`)])), `${'ä'.repeat(32 * 1024 - 1)}b`)
  })

  it('is empty for an empty log', async () => {
    assert.equal(await tail(Readable.from([])), '')
  })
})

/** A frame of Docker's: 1 for stdout, 2 for stderr. */
function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
