import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import { aborted } from './connection/deadline.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { dockerError } from './connection/docker-errors.ts'
import { asObject, textAt } from './docker-json.ts'
import { endOnAbort, outputFrames } from './docker-stream.ts'
import type { ExecOptions, ExecResult } from './engine.ts'
import { KeptOutput } from './kept-output.ts'
import { execExitCode } from './streams/exec-exit-code.ts'
import { longestTimerMs } from '../util/longest-timer.ts'

const usualOutputBytes = 10 * 1024

export interface ExecRequest extends ExecOptions {
  readonly id: ContainerId
  readonly command: readonly string[]
}

/** `Engine.exec`. */
export async function execCommand(
  connection: DockerConnection,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  if (signal.aborted) throw aborted(signal)
  const { timeoutMs, maxOutputBytes = usualOutputBytes } = request
  const output = new KeptOutput(maxOutputBytes)
  // One signal of this call's own for both ends of it: nothing stays behind on the caller's, hundreds a minute.
  const ends = new AbortController()
  const onAbort = (): void => ends.abort(aborted(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => ends.abort(), Math.min(timeoutMs, longestTimerMs))
  try {
    return {
      kind: 'exited',
      exitCode: await runCommand(connection, request, { output, signal: ends.signal }),
      output: output.text(),
    }
  } catch (error) {
    if (ends.signal.reason instanceof KubeletError) throw ends.signal.reason
    if (ends.signal.aborted) return { kind: 'timed-out', output: output.text() }
    throw dockerError(error, connection.host)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

interface CommandRun {
  readonly output: KeptOutput
  readonly signal: AbortSignal
}

/** Runs the command to its end and returns its exit code. */
async function runCommand(
  connection: DockerConnection,
  { id, command }: ExecRequest,
  { output, signal }: CommandRun,
): Promise<number> {
  const what = `Run a command in container ${id}`
  const body = { Cmd: [...command], AttachStdout: true, AttachStderr: true }
  const answer = await connection.ask(
    { what },
    (docker, abortSignal) => docker.getContainer(id).exec({ ...body, abortSignal }),
    signal,
  )
  const execId = textAt(asObject(answer, 'exec'), 'id')
  try {
    const stream = await connection.stream(
      { what },
      (docker, abortSignal) => docker.getExec(execId).start({ Detach: false, Tty: false, abortSignal }),
      signal,
    )
    for await (const { stream: from, payload } of outputFrames(endOnAbort(stream, signal))) output.add(from, payload)
  } catch (error) {
    // A daemon that answers with what it could not run, where others write it into the output: the exit code tells.
    if (!KubeletError.is(error, 'invalid', 'internal') || error.status === undefined) throw error
    output.add('stdout', Buffer.from(error.message))
  }
  return execExitCode(connection, execId, signal)
}
