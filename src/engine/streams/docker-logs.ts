import { Readable } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { dial } from '../connection/dial.ts'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { dockerError } from '../connection/docker-errors.ts'
import { endOnAbort, outputParts, type OutputReader } from '../docker-stream.ts'
import { FrameReader, type OutputPart } from './frame-reader.ts'
import type { LogOptions } from './logs.ts'
import { RawTimes } from './raw-times.ts'

/** What is kept of a log's tail in bytes: lines have no longest length, memory has. */
const keptBytes = 64 * 1024

export interface LogRequest extends LogOptions {
  readonly id: ContainerId
  /** The container has a terminal: its log is one plain stream. Without it, stdout and stderr come in frames. */
  readonly tty: boolean
}

/** `ContainerLogs.logs`. */
export async function containerLogs(
  connection: DockerConnection,
  request: LogRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<OutputPart>> {
  const { id, tty, timestamps = false } = request
  const stream = await connection.stream(
    { what: `Read the log of container ${id}` },
    async (docker, abortSignal) => {
      const call = { path: `/containers/${id}/logs?`, query: queryOf(request), isStream: true }
      const answer = await dial(docker, call, abortSignal)
      if (answer instanceof Readable) return answer
      throw new KubeletError('internal', `Docker gave no stream for the log of container ${id}`)
    },
    signal,
  )
  return outputParts(endOnAbort(stream, signal), readerOf(tty, timestamps), (error) =>
    dockerError(error, connection.host),
  )
}

/** `Engine.logTail`: of what the last lines hold, at most the last 64 KiB. */
export async function logTail(connection: DockerConnection, request: LogRequest, signal: AbortSignal): Promise<string> {
  return tail(await containerLogs(connection, request, signal))
}

/** The text of all parts; of more than 64 KiB, the end. */
export async function tail(parts: AsyncIterable<OutputPart>): Promise<string> {
  let kept: Buffer = Buffer.alloc(0)
  for await (const { payload } of parts) {
    kept = Buffer.concat([kept, payload])
    if (kept.length > keptBytes) kept = kept.subarray(firstCharacter(kept, kept.length - keptBytes))
  }
  return kept.toString()
}

/** The first index from `start` on at which a UTF-8 character begins. */
function firstCharacter(text: Buffer, start: number): number {
  let index = start
  while (index < text.length && ((text[index] ?? 0) & 0xc0) === 0x80) index++
  return index
}

function queryOf({
  follow = false,
  tailLines,
  since,
  timestamps = false,
}: LogOptions): Record<string, string | boolean> {
  return {
    stdout: true,
    stderr: true,
    ...(follow && { follow }),
    ...(timestamps && { timestamps }),
    ...(tailLines !== undefined && { tail: String(tailLines) }),
    ...(since !== undefined && { since: `${since.seconds}.${String(since.nanoseconds).padStart(9, '0')}` }),
  }
}

function readerOf(tty: boolean, timestamps: boolean): OutputReader {
  if (!tty) return new FrameReader({ timed: timestamps })
  return timestamps ? new RawTimes() : { read: (payload) => [{ stream: 'stdout', payload }] }
}
