import { addAbortSignal, Readable } from 'node:stream'
import { KubeletError } from '../model/errors.ts'
import { codeOfStatus } from './connection/docker-errors.ts'
import { FrameReader, type FrameError, type OutputPart } from './streams/frame-reader.ts'
import { asObject, numberAt, objectAt, textAt, type JsonObject } from './docker-json.ts'

/** Ends `stream` when `signal` fires; reading it then throws an `AbortError`. Whoever asked reads it, or destroys it. */
export function endOnAbort(stream: NodeJS.ReadableStream, signal: AbortSignal): Readable {
  const readable = stream instanceof Readable ? stream : new Readable().wrap(stream)
  // An error is seen by the reader; one that comes while nobody reads must not end the process.
  readable.on('error', () => {})
  return addAbortSignal(signal, readable)
}

/** Takes what Docker sends of a container's output apart. A chunk that was given belongs to the reader. */
export interface OutputReader {
  readonly read: (chunk: Buffer) => readonly (OutputPart | FrameError)[]
  /** What it has held back, when nothing comes any more. Throws `unavailable` where something is missing. */
  readonly end: () => readonly OutputPart[]
}

/** Of a terminal, whose output is one. */
export const wholeOutput: OutputReader = { read: (payload) => [{ stream: 'stdout', payload }], end: () => [] }

/**
 * What is read of a stream, in the order in which it was written; what came together of one output is one part. Throws
 * `internal` where Docker says in the stream that it cannot go on; errors of the stream as `toError` makes them.
 */
export async function* outputParts(
  stream: AsyncIterable<Buffer>,
  reader: OutputReader,
  toError: (error: unknown) => unknown = (error) => error,
): AsyncGenerator<OutputPart, void, undefined> {
  try {
    for await (const chunk of stream) {
      for (const part of reader.read(chunk)) {
        if (part.stream === 'error') throw new KubeletError('internal', part.payload.toString().trim())
        yield part
      }
    }
    yield* reader.end()
  } catch (error) {
    throw toError(error)
  }
}

/** The output of something that has no terminal. */
export function outputFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<OutputPart, void, undefined> {
  return outputParts(stream, new FrameReader())
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
