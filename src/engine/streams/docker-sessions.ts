import { Duplex, Readable } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { dockerError } from '../connection/docker-errors.ts'
import { asObject, booleanAt, objectAt, textAt } from '../docker-json.ts'
import type { ContainerSession, ExecSessionRequest, SessionStreams } from './container-session.ts'
import { execExitCode } from './exec-exit-code.ts'
import { HijackedSession } from './hijacked-session.ts'
import { ToldSession } from './told-session.ts'

/**
 * Docker's client lets go of a terminal on ctrl-p ctrl-q, and so holds back each ctrl-p until the next key. Nobody types
 * these; the kubelet's other runtimes have no such keys.
 */
const detachKeys = Array.from({ length: 4 }, () => 'ctrl-@,ctrl-]').join(',')

/** `ContainerSessions.openExec`. */
export async function openExec(
  connection: DockerConnection,
  id: ContainerId,
  request: ExecSessionRequest,
  signal: AbortSignal,
): Promise<ContainerSession> {
  const what = `Run a command in container ${id}`
  const { command, tty } = request
  const { stdin, stdout, stderr } = watched(request)
  const body = { Cmd: [...command], AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr, Tty: tty }
  const created = await connection.ask(
    { what },
    (docker, abortSignal) => docker.getContainer(id).exec({ ...body, DetachKeys: detachKeys, abortSignal }),
    signal,
  )
  const execId = textAt(asObject(created, 'exec'), 'id')
  const exitCode = (ending: AbortSignal): Promise<number> => execExitCode(connection, execId, ending)
  try {
    const stream = await connection.stream(
      { what },
      (docker, abortSignal) => docker.getExec(execId).start({ Detach: false, Tty: tty, hijack: true, abortSignal }),
      signal,
    )
    const resize = async ({ width, height }: { width: number; height: number }, ending: AbortSignal): Promise<void> => {
      await connection.ask(
        { what: `Resize the terminal of a command in container ${id}` },
        (docker, abortSignal) => docker.getExec(execId).resize({ w: width, h: height, abortSignal }),
        ending,
      )
    }
    return new HijackedSession({ ...common(connection, request, stream), resize, exitCode }, signal)
  } catch (error) {
    // A daemon that answers with what it could not run, where others write it into the output: the exit code tells.
    if (!KubeletError.is(error, 'invalid', 'internal') || error.status === undefined) throw error
    return new ToldSession(`${error.message}\r\n`, request, await exitCode(signal))
  }
}

/** `ContainerSessions.attach`. */
export async function attach(
  connection: DockerConnection,
  id: ContainerId,
  streams: SessionStreams,
  signal: AbortSignal,
): Promise<ContainerSession> {
  const inspected = await connection.ask(
    { what: `Inspect container ${id}` },
    (docker, abortSignal) => docker.getContainer(id).inspect({ abortSignal }),
    signal,
  )
  // Docker would wait for its start.
  if (!booleanAt(objectAt(asObject(inspected, 'container'), 'State'), 'Running')) {
    throw new KubeletError('conflict', `Container ${id} is not running`, { status: 409 })
  }
  const { stdin, stdout, stderr } = watched(streams)
  const stream = await connection.stream(
    { what: `Attach to container ${id}` },
    (docker, abortSignal) => {
      const query = { stream: true, logs: false, stdin, stdout, stderr, detachKeys }
      // Two of docker-modem's own keys: what goes into the URL, and what into the body. An empty body would be sent in
      // chunks, the last of which would reach the container as its input.
      const options = { _query: query, _body: query, hijack: true, abortSignal }
      return docker.getContainer(id).attach(options)
    },
    signal,
  )
  const resize = async ({ width, height }: { width: number; height: number }, ending: AbortSignal): Promise<void> => {
    await connection.ask(
      { what: `Resize the terminal of container ${id}` },
      (docker, abortSignal) => docker.getContainer(id).resize({ w: width, h: height, abortSignal }),
      ending,
    )
  }
  const exitCode = async (): Promise<undefined> => undefined
  return new HijackedSession({ ...common(connection, streams, stream), resize, exitCode }, signal)
}

/** What Docker is asked for: without any output it would not tell of the end. */
function watched(streams: SessionStreams): SessionStreams {
  const stderr = streams.stderr && !streams.tty
  return { ...streams, stderr, stdout: streams.stdout || !stderr }
}

function common(connection: DockerConnection, streams: SessionStreams, stream: NodeJS.ReadableStream) {
  if (!(stream instanceof Duplex)) {
    if (stream instanceof Readable) stream.destroy()
    throw new KubeletError('internal', 'Docker has not handed over the connection of a session (no upgrade to tcp)')
  }
  return { streams, connection: stream, explain: (error: unknown) => dockerError(error, connection.host) }
}
