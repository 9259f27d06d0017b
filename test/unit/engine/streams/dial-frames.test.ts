import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dataFrames, DialFrameReader, endFrame } from '../../../../src/engine/streams/dial-frames.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

describe('The frames of pause dial', () => {
  it('give back the data in its order, wherever what comes is cut', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 })
    fc.assert(
      fc.property(chunks, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat([...sent.flatMap((data) => dataFrames(Buffer.from(data))), endFrame()])
        const reader = new DialFrameReader()
        const frames = cut(bytes, sizes).flatMap((part) => reader.read(part))
        assert.deepEqual(frames.pop(), { kind: 'end' })
        const read = frames.map((frame) => (frame.kind === 'data' ? frame.payload : assert.fail(frame.kind)))
        assert.deepEqual(Buffer.concat(read), Buffer.concat(sent))
      }),
    )
  })

  it('are not copied, and as many as it takes', () => {
    const data = Buffer.alloc(2 ** 24)
    const parts = dataFrames(data)
    assert.deepEqual(
      parts.map(({ length }) => length),
      [4, 2 ** 24 - 1, 4, 1],
    )
    assert.equal(parts[1]?.buffer, data.buffer)
  })

  it('hand on the data of a frame without waiting for the whole of it', () => {
    const reader = new DialFrameReader()
    assert.deepEqual(reader.read(Buffer.from('d\xff\xff\xffa', 'latin1')), [
      { kind: 'data', payload: Buffer.from('a') },
    ])
  })

  it('say that the connection stands', () => {
    assert.deepEqual(new DialFrameReader().read(Buffer.from('c\0\0\0')), [{ kind: 'connected' }])
  })

  for (const bytes of ['x\0\0\0', 'e\0\0\x01', 'c\x01\0\0', '\0\0\0\0']) {
    it(`throw for ${JSON.stringify(bytes)}, which is none`, () => {
      assert.throws(
        () => new DialFrameReader().read(Buffer.from(bytes)),
        (error) => KubeletError.is(error, 'internal'),
      )
    })
  }
})

/** The bytes in pieces of these sizes, in turn. */
function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += parts.at(-1)?.length ?? 0) {
    parts.push(bytes.subarray(at, at + (sizes[parts.length % sizes.length] ?? 1)))
  }
  return parts
}
