import fc from 'fast-check'
import type { ControlFrame, DataPart, SpdyHeaders } from '../../../../src/streaming/spdy/frames.ts'

const streamId = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const word = fc.nat({ max: 2 ** 32 - 1 })

/** Objects as they are written, not without a prototype. */
function record<T>(shape: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(shape, { noNullPrototype: true })
}

const headerName = fc.constantFrom('streamtype', 'port', 'requestid', 'x-a', 'x-b')

export const headers: fc.Arbitrary<SpdyHeaders> = fc
  .array(
    fc.tuple(
      headerName,
      fc.string().filter((text) => !text.includes('\0')),
    ),
    { maxLength: 5 },
  )
  .map((entries) => new Map(entries))

export const controlFrame: fc.Arbitrary<ControlFrame> = fc.oneof(
  record({ kind: fc.constant('syn-stream'), streamId, fin: fc.boolean(), unidirectional: fc.boolean(), headers }),
  record({ kind: fc.constant('syn-reply'), streamId, fin: fc.boolean(), headers }),
  record({ kind: fc.constant('headers'), streamId, fin: fc.boolean(), headers }),
  record({ kind: fc.constant('rst-stream'), streamId, status: word }),
  record({
    kind: fc.constant('settings'),
    settings: fc.array(record({ id: word, value: word }), { maxLength: 4 }),
  }),
  record({ kind: fc.constant('ping'), id: word }),
  record({ kind: fc.constant('goaway'), lastStreamId: streamId, status: word }),
  record({ kind: fc.constant('window-update'), streamId, bytes: streamId }),
)

export const dataFrame: fc.Arbitrary<DataPart> = record({
  kind: fc.constant('data'),
  streamId,
  fin: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
})

/** Cuts bytes into chunks, each of them as long as the next of some lengths. */
export const cutAnywhere: fc.Arbitrary<(bytes: Buffer) => readonly Buffer[]> = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  .map((lengths) => (bytes) => {
    const chunks: Buffer[] = []
    let start = 0
    for (let index = 0; start < bytes.length; index += 1) {
      const length = lengths[index % lengths.length] ?? 1
      chunks.push(bytes.subarray(start, start + length))
      start += length
    }
    return chunks
  })
