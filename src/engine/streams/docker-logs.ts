import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { dockerError } from '../connection/docker-errors.ts'
import { outputParts, wholeOutput, type OutputReader } from '../docker-stream.ts'
import { FrameReader, type OutputPart } from './frame-reader.ts'
import type { LogOptions } from './logs.ts'
import { RawTimes } from './raw-times.ts'

/** What is kept of a log's tail in bytes: lines have no longest length, memory has. */
const keptBytes = 64 * 1024

export interface LogRequest extends LogOptions {
  readonly id: ContainerId
  /** The container has a terminal: its log is one plain stream. Without it, stdout and stderr come in frames. */
  readonly tty: boolean
  /** Asked when a log that is followed has ended. */
  readonly isRunning: (signal: AbortSignal) => Promise<boolean>
}

/** `ContainerLogs.logs`. */
export async function containerLogs(
  connection: DockerConnection,
  request: LogRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<OutputPart>> {
  const { id, tty, timestamps = false, follow = false } = request
  const what = `Read the log of container ${id}`
  const path = `/containers/${id}/logs?${queryOf(request).toString()}`
  const stream = await connection.plainStream({ what }, path, signal)
  const toError = (error: unknown): unknown => dockerError(error, connection.host)
  const parts = outputParts(stream, readerOf(tty, timestamps), toError)
  return follow ? toItsEnd(parts, () => request.isRunning(signal)) : parts
}

/** `Engine.logTail`: of what the last lines hold, at most the last 64 KiB. */
export async function logTail(
  connection: DockerConnection,
  request: Omit<LogRequest, 'isRunning'>,
  signal: AbortSignal,
): Promise<string> {
  return tail(await containerLogs(connection, { ...request, isRunning: async () => false }, signal))
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

function queryOf({ follow = false, tailLines, since, timestamps = false }: LogOptions): URLSearchParams {
  return new URLSearchParams({
    stdout: '1',
    stderr: '1',
    ...(follow && { follow: '1' }),
    ...(timestamps && { timestamps: '1' }),
    ...(tailLines !== undefined && { tail: String(tailLines) }),
    ...(since !== undefined && { since: `${since.seconds}.${String(since.nanoseconds).padStart(9, '0')}` }),
  })
}

/** A Docker that is stopped, or dies, closes its connections as it does at the end of a log. */
async function* toItsEnd(
  parts: AsyncIterable<OutputPart>,
  isRunning: () => Promise<boolean>,
): AsyncGenerator<OutputPart, void, undefined> {
  yield* parts
  if (await isRunning()) throw new KubeletError('unavailable', 'Docker has ended the log of a container that goes on')
}

function readerOf(tty: boolean, timestamps: boolean): OutputReader {
  if (!tty) return new FrameReader({ timed: timestamps })
  return timestamps ? new RawTimes() : wholeOutput
}
