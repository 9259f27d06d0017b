import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RawTimes } from '../../../../src/engine/streams/raw-times.ts'
import { cuts } from '../../../support/docker-frames.ts'

const time = '2026-01-02T03:04:05.123456789Z '
const record = 'a'.repeat(16 * 1024)

describe("RawTimes of a terminal's log", () => {
  it('keeps the times at the beginning of lines', () => {
    const text = `${time}one\r\n${time}two\r\n${time}\r\n`
    for (const chunks of cuts(Buffer.from(text))) assert.equal(read(chunks), text)
  })

  it('drops those of the records that one long line takes', () => {
    const bytes = Buffer.from(`${time}${record}${time}${record}${time}end\r\n${time}next\r\n`)
    const expected = `${time}${record}${record}end\r\n${time}next\r\n`
    for (const size of [1, 7, 31, 32, 16_383, 16_384, bytes.length]) assert.equal(read(pieces(bytes, size)), expected)
  })

  it('keeps what is no time, in a log whose records are longer, to its end', () => {
    for (const rest of [`${'b'.repeat(40)}\n${time}next\r\n`, 'short', `${'b\n'.repeat(3)}${time}`]) {
      const text = `${time}${record}${rest}`
      for (const size of [1, 31, text.length]) assert.equal(read(pieces(Buffer.from(text), size)), text)
    }
  })
})

function read(chunks: readonly Buffer[]): string {
  const times = new RawTimes()
  return [...chunks.flatMap((chunk) => times.read(chunk)), ...times.end()]
    .map(({ payload }) => payload.toString())
    .join('')
}

function pieces(bytes: Buffer, size: number): readonly Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}
