/** The part of the engine port that talks with what runs in a container, as `kubectl exec` and `kubectl attach` do. */
import type { Readable, Writable } from 'node:stream'
import type { ContainerId } from '../../model/ids.ts'

/** Which of the streams of a command or a container are wanted. */
export interface SessionStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  /** With `tty` there is none: a terminal has one output. */
  readonly stderr: boolean
  readonly tty: boolean
}

export interface ExecSessionRequest extends SessionStreams {
  readonly command: readonly string[]
}

/** The size of a terminal in characters, each at least 1. */
export interface TerminalSize {
  readonly width: number
  readonly height: number
}

export interface SessionEnd {
  /** Of a command. Of an attached container, whose status tells it: `undefined`. */
  readonly exitCode: number | undefined
}

/**
 * A command or a container that is being talked with. Whoever opened it reads `stdout` and `stderr` side by side, or
 * destroys what it does not want to read: Docker sends both over one connection, so one that is not read holds up the
 * other. Neither grows beyond its high-water mark: while it is full nothing more is read from Docker.
 *
 * Disposing it lets go: the command's stdin ends, its output goes nowhere. Docker has no call that ends a command, so one
 * that cares for neither goes on until it ends by itself or with its container.
 */
export interface ContainerSession extends AsyncDisposable {
  /**
   * `end()` half-closes: a command reads the end of its input, while output goes on; an attached container only under
   * `stdinOnce`. Where there is a terminal, or the stdin of a container that others may attach to later, Docker ends the
   * session's output with its input, and so do the other runtimes. What comes after the command's end is dropped.
   */
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined

  /** Sets the size of the terminal. Throws `not-found` or `conflict` when it is gone. */
  resize(size: TerminalSize): Promise<void>

  /**
   * Resolves when everything has been put out, of which the last may still lie unread in `stdout` and `stderr`, and the
   * exit code is known. Throws `unavailable` when the connection broke, `aborted` when the signal fired or the session was
   * disposed before.
   */
  ended(): Promise<SessionEnd>
}

export interface ContainerSessions {
  /**
   * Runs a command in a running container, with the container's user, environment and working directory, and resolves
   * when Docker is ready for its streams. A command that cannot be run gives the runtime's text on its output and 126 or
   * 127. Throws `conflict` when the container does not run, `not-found` when it is gone, `invalid` for an empty command.
   * When `signal` fires, also later, the session is let go of.
   */
  openExec(id: ContainerId, request: ExecSessionRequest, signal: AbortSignal): Promise<ContainerSession>

  /**
   * The streams of a running container's own process. `tty` is whether the container has a terminal, `stdin` asks for what
   * it was created with. Output from before is not shown. Throws `not-found` when the container is gone, `conflict` when it
   * does not run. When `signal` fires, also later, the session is let go of.
   */
  attach(id: ContainerId, streams: SessionStreams, signal: AbortSignal): Promise<ContainerSession>
}
