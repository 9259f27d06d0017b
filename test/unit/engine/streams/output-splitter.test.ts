import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { OutputSplitter } from '../../../../src/engine/streams/output-splitter.ts'
import { dockerFrame } from '../../../support/docker-frames.ts'

/** What all of `chunks` bring, the bytes of each stream by itself. */
function split(chunks: readonly Buffer[]): { stdout: string; stderr: string; isWhole: boolean } {
  const splitter = new OutputSplitter()
  const parts = chunks.flatMap((chunk) => splitter.split(chunk))
  const of = (wanted: 'stdout' | 'stderr'): string =>
    Buffer.concat(parts.filter(({ stream }) => stream === wanted).map(({ payload }) => payload)).toString('latin1')
  return { stdout: of('stdout'), stderr: of('stderr'), isWhole: splitter.isWhole }
}

describe("Docker's frames", () => {
  it('are taken apart wherever they are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 20 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([stream, payload]) => dockerFrame(stream, Buffer.from(payload))))
        const chunks: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1
          chunks.push(bytes.subarray(at, at + length))
          at += length
        }
        const all = (wanted: number): string =>
          Buffer.concat(sent.filter(([stream]) => stream === wanted).map(([, payload]) => payload)).toString('latin1')
        assert.deepEqual(split(chunks), { stdout: all(1), stderr: all(2), isWhole: true })
      }),
    )
  })

  it('are handed on before they are whole', () => {
    const frame = dockerFrame(1, 'hello')
    assert.deepEqual(split([frame.subarray(0, 10)]), { stdout: 'he', stderr: '', isWhole: false })
    assert.equal(split([frame.subarray(0, 4)]).isWhole, false)
  })

  it('that are of no known kind are refused, as is what the daemon says instead of output', () => {
    assert.throws(() => split([dockerFrame(7, 'x')]), /frame of an unknown kind, 7/u)
    assert.throws(() => split([dockerFrame(3, 'broken pipe')]), /Docker's stream: broken pipe/u)
  })
})
