import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FrameReader, type FrameReaderOptions, type OutputPart } from '../../../../src/engine/streams/frame-reader.ts'
import { cuts, dockerFrame } from '../../../support/docker-frames.ts'

const time = '2026-01-02T03:04:05.123456789Z '

describe('FrameReader', () => {
  it('gives the outputs in their order, wherever the stream is cut into chunks', () => {
    const bytes = Buffer.concat([
      dockerFrame(1, 'out\n'),
      dockerFrame(2, ''),
      dockerFrame(2, 'err\n'),
      dockerFrame(2, 'err\n'),
      dockerFrame(1, 'ärger'),
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
    const chunk = Buffer.concat([dockerFrame(1, 'one\n'), dockerFrame(1, 'two\n'), dockerFrame(1, 'three\n')])
    const [part, ...others] = new FrameReader().read(chunk)
    assert.equal(part?.payload.toString(), 'one\ntwo\nthree\n')
    assert.equal(part.payload.buffer, chunk.buffer)
    assert.deepEqual(others, [])
  })

  it('keeps the times of records at the beginning of lines only, wherever the stream is cut', () => {
    const bytes = Buffer.concat([
      dockerFrame(1, `${time}long `),
      dockerFrame(1, `${time}line`),
      dockerFrame(1, `${time}\n`),
      dockerFrame(2, `${time}other line\n`),
    ])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}long line\n`],
        ['stderr', `${time}other line\n`],
      ])
    }
  })

  it('lets one output go on in the line of the other, as the kubelet does', () => {
    const bytes = Buffer.concat([dockerFrame(1, `${time}half `), dockerFrame(2, `${time}a line\n`)])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}half `],
        ['stderr', 'a line\n'],
      ])
    }
  })

  it('hands out what has gone wrong with Docker as that, not as output', () => {
    const bytes = Buffer.concat([dockerFrame(1, `${time}half `), dockerFrame(3, 'Error grabbing logs: EOF\n')])
    for (const chunks of cuts(bytes)) {
      assert.deepEqual(read(chunks, { timed: true }), [
        ['stdout', `${time}half `],
        ['error', 'Error grabbing logs: EOF\n'],
      ])
    }
  })
})

describe("Docker's frames", () => {
  it('are taken apart wherever they are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 20 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(([stream, payload]) => dockerFrame(stream, Buffer.from(payload))))
        const reader = new FrameReader()
        const parts: OutputPart[] = []
        for (let at = 0, round = 0; at < bytes.length; round++) {
          const length = sizes[round % sizes.length] ?? 1
          for (const part of reader.read(Buffer.from(bytes.subarray(at, at + length)))) {
            if (part.stream !== 'error') parts.push(part)
          }
          at += length
        }
        assert.deepEqual(reader.end(), [])
        for (const [stream, number] of [
          ['stdout', 1],
          ['stderr', 2],
        ] as const) {
          const got = parts.filter((part) => part.stream === stream).map(({ payload }) => payload)
          const given = sent.filter(([to]) => to === number).map(([, payload]) => payload)
          assert.deepEqual(Buffer.concat(got), Buffer.concat(given))
        }
      }),
    )
  })

  it('are handed on before they are whole, and missed when they never are', () => {
    const frame = dockerFrame(1, 'hello')
    for (const [length, expected] of [
      [4, []],
      [10, [['stdout', 'he']]],
    ] as const) {
      const reader = new FrameReader()
      const parts = reader.read(Buffer.from(frame.subarray(0, length)))
      assert.deepEqual(
        parts.map(({ stream, payload }) => [stream, payload.toString()]),
        expected,
      )
      const cut = new KubeletError('unavailable', "Docker's stream ended in the middle of a frame")
      assert.throws(() => reader.end(), cut)
    }
  })

  it('that are of no known kind are refused', () => {
    const unknown = new KubeletError('internal', "Docker's stream has a frame of an unknown kind, 7")
    assert.throws(() => new FrameReader().read(dockerFrame(7, 'x')), unknown)
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
