import { Readable } from 'node:stream'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { dockerError } from './connection/docker-errors.ts'
import { endOnAbort, outputFrames } from './docker-stream.ts'

/** What is kept of a log's tail in bytes: lines have no longest length, memory has. */
const keptBytes = 64 * 1024

export interface LogTailRequest {
  readonly id: ContainerId
  readonly lines: number
  /** The container has a terminal: its log is one plain stream. Without it, stdout and stderr come in frames. */
  readonly tty: boolean
}

/** The last lines of a container's log, of them at most the last 64 KiB. */
export async function logTail(
  connection: DockerConnection,
  request: LogTailRequest,
  signal: AbortSignal,
): Promise<string> {
  const { id, lines, tty } = request
  const stream = await connection.stream(
    { what: `Read the log of container ${id}` },
    async (docker, abortSignal) => {
      const query = { stdout: true, stderr: true, tail: lines }
      const answer = await dial(docker, { path: `/containers/${id}/logs?`, query, isStream: true }, abortSignal)
      if (answer instanceof Readable) return answer
      throw new KubeletError('internal', `Docker gave no stream for the log of container ${id}`)
    },
    signal,
  )
  try {
    const readable = endOnAbort(stream, signal)
    return await tail(tty ? readable : withoutFrames(readable))
  } catch (error) {
    throw dockerError(error, connection.host)
  }
}

/** The payloads of a stream of frames, stdout and stderr in the order in which they were written. */
export async function* withoutFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const { payload } of outputFrames(stream)) yield payload
}

/** The text of all chunks; of more than 64 KiB, the end. */
export async function tail(chunks: AsyncIterable<Buffer>): Promise<string> {
  let kept: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    kept = Buffer.concat([kept, chunk])
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
