import type { TerminalSize } from '../engine/streams/container-session.ts'
import { isRecord } from '../util/is-record.ts'

/** One size takes some thirty bytes. */
const longestSize = 1024

/**
 * The sizes in a client's resize stream, JSON objects `{"Width":80,"Height":24}` one after the other, wherever it is cut.
 * Sizes below 1 are skipped. Ends with the stream, and at what is no size: nothing after it would be understood.
 */
export async function* terminalSizes(stream: AsyncIterable<Buffer>): AsyncGenerator<TerminalSize, void, undefined> {
  let rest = ''
  try {
    for await (const chunk of stream) {
      rest += chunk.toString('latin1')
      for (let end = rest.indexOf('}'); end >= 0; end = rest.indexOf('}')) {
        const size = parseSize(rest.slice(0, end + 1))
        if (size === undefined) return
        if (size.width >= 1 && size.height >= 1) yield size
        rest = rest.slice(end + 1)
      }
      if (rest.length > longestSize) return
    }
  } catch {
    // The client has gone: there are no more sizes.
  }
}

/** `undefined` for what is no size: each is a whole number of 16 bits, 0 where it is not said. */
function parseSize(text: string): TerminalSize | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  const { Width: width = 0, Height: height = 0 } = value
  return isSize(width) && isSize(height) ? { width, height } : undefined
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 16
}
