import { addAbortSignal, Readable } from 'node:stream'
import { KubeletError } from '../model/errors.ts'
import { codeOfStatus } from './connection/docker-errors.ts'
import { asObject, numberAt, objectAt, textAt, type JsonObject } from './docker-json.ts'

/** Ends `stream` when `signal` fires; reading it then throws an `AbortError`. Whoever asked reads it, or destroys it. */
export function endOnAbort(stream: NodeJS.ReadableStream, signal: AbortSignal): Readable {
  const readable = stream instanceof Readable ? stream : new Readable().wrap(stream)
  // An error is seen by the reader; one that comes while nobody reads must not end the process.
  readable.on('error', () => {})
  return addAbortSignal(signal, readable)
}

/** A frame of a container's output: 1 byte for stdout or stderr, 3 unused, 4 for the length of what follows. */
const frameHeaderBytes = 8
const stderrNumber = 2

export interface OutputFrame {
  readonly stream: 'stdout' | 'stderr'
  readonly payload: Buffer
}

/** The frames of the output of something that has no terminal, in the order in which they were written. */
export async function* outputFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<OutputFrame, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= frameHeaderBytes) {
      const end = frameHeaderBytes + rest.readUInt32BE(4)
      if (rest.length < end) break
      yield { stream: rest[0] === stderrNumber ? 'stderr' : 'stdout', payload: rest.subarray(frameHeaderBytes, end) }
      rest = rest.subarray(end)
    }
  }
}

/** The JSON objects of a stream that has one a line, as Docker's events and the progress of its pulls do. */
export async function* jsonObjects(stream: AsyncIterable<Buffer>): AsyncGenerator<JsonObject, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield parseLine(line)
  }
  if (rest.trim() !== '') yield parseLine(rest)
}

/**
 * The error that a line of progress carries, if any: Docker has said 200 by then, so this is its only way to fail. It has
 * a `status` only if Docker gives one, the registry's.
 */
export function errorIn(progress: JsonObject): KubeletError | undefined {
  const detail = objectAt(progress, 'errorDetail')
  const text = textAt(detail, 'message') || textAt(progress, 'error')
  if (text === '') return undefined
  const status = numberAt(detail, 'code')
  return status === 0 ? new KubeletError('internal', text) : new KubeletError(codeOfStatus(status), text, { status })
}

function parseLine(line: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    const start = JSON.stringify(line.slice(0, 200))
    throw new KubeletError('internal', `Docker's stream has a line that is not JSON: ${start}`, { cause: error })
  }
  return asObject(value, 'stream')
}
