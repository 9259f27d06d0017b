import type { Readable } from 'node:stream'
import type { Engine } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'

/** What is kept of each output; more is read, so that the command can go on, and dropped. */
const keptBytes = 16 * 1024 * 1024

export interface RunRequest {
  readonly id: ContainerId
  readonly command: readonly string[]
}

/**
 * Runs a command to its end and returns its output, stdout before stderr. Throws `internal` in the kubelet's words when it
 * ends with another exit code than 0.
 */
export async function runInContainer(
  engine: Pick<Engine, 'openExec'>,
  { id, command }: RunRequest,
  signal: AbortSignal,
): Promise<Buffer> {
  const streams = { stdin: false, stdout: true, stderr: true, tty: false }
  await using session = await engine.openExec(id, { ...streams, command }, signal)
  const [stdout, stderr, { exitCode }] = await Promise.all([
    firstBytes(session.stdout),
    firstBytes(session.stderr),
    session.ended(),
  ])
  if (exitCode !== 0) {
    throw new KubeletError('internal', `command '${command.join(' ')}' exited with ${exitCode}: ${stderr.toString()}`)
  }
  return Buffer.concat([stdout, stderr])
}

async function firstBytes(output: Readable | undefined): Promise<Buffer> {
  const kept: Buffer[] = []
  let left = keptBytes
  if (output === undefined) return Buffer.alloc(0)
  const chunks: AsyncIterable<Buffer> = output
  for await (const chunk of chunks) {
    if (left > 0) kept.push(chunk.subarray(0, left))
    left -= Math.min(left, chunk.length)
  }
  return Buffer.concat(kept)
}
