import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FrameReader, type FrameReaderOptions } from '../../../../src/engine/streams/frame-reader.ts'
import { cuts, outputFrame } from '../../../support/output-frames.ts'

const time = '2026-01-02T03:04:05.123456789Z '

describe('FrameReader', () => {
  it('gives the outputs in their order, wherever the stream is cut into chunks', () => {
    const bytes = Buffer.concat([
      outputFrame(1, 'out\n'),
      outputFrame(2, ''),
      outputFrame(2, 'err\n'),
      outputFrame(2, 'err\n'),
      outputFrame(1, 'ärger'),
    ])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks), [
        ['stdout', 'out\n'],
        ['stderr', 'err\nerr\n'],
        ['stdout', 'ärger'],
      ])
    }
  })

  it('makes one part of what a chunk has of one output, without copying it elsewhere', () => {
    const chunk = Buffer.concat([outputFrame(1, 'one\n'), outputFrame(1, 'two\n'), outputFrame(1, 'three\n')])
    const [part, ...others] = new FrameReader().read(chunk)
    assert.equal(part?.payload.toString(), 'one\ntwo\nthree\n')
    assert.equal(part.payload.buffer, chunk.buffer)
    assert.deepEqual(others, [])
  })

  it('keeps the times of records at the beginning of lines only, wherever the stream is cut', () => {
    const bytes = Buffer.concat([
      outputFrame(1, `${time}long `),
      outputFrame(1, `${time}line`),
      outputFrame(1, `${time}\n`),
      outputFrame(2, `${time}other line\n`),
    ])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}long line\n`],
        ['stderr', `${time}other line\n`],
      ])
    }
  })

  it('lets one output go on in the line of the other, as the kubelet does', () => {
    const bytes = Buffer.concat([outputFrame(1, `${time}half `), outputFrame(2, `${time}a line\n`)])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}half `],
        ['stderr', 'a line\n'],
      ])
    }
  })

  it('hands out what has gone wrong with Docker as that, not as output', () => {
    const bytes = Buffer.concat([outputFrame(1, `${time}half `), outputFrame(3, 'Error grabbing logs: EOF\n')])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}half `],
        ['error', 'Error grabbing logs: EOF\n'],
      ])
    }
  })
})

/** What is read of chunks, joined where it is of one stream. */
function read(chunks: readonly Buffer[], options?: FrameReaderOptions): readonly (readonly [string, string])[] {
  const reader = new FrameReader(options)
  const joined: { stream: string; bytes: Buffer[] }[] = []
  for (const { stream, payload } of chunks.flatMap((chunk) => reader.read(chunk))) {
    const last = joined.at(-1)
    if (last?.stream === stream) last.bytes.push(payload)
    else joined.push({ stream, bytes: [payload] })
  }
  return joined.map(({ stream, bytes }) => [stream, Buffer.concat(bytes).toString()])
}
