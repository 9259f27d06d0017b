import { Readable, Writable } from 'node:stream'
import type { ContainerSession, SessionEnd, SessionStreams } from './container-session.ts'

/** The session of a command that never ran: it tells why on its output and is over. */
export class ToldSession implements ContainerSession {
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined
  readonly #exitCode: number

  constructor(text: string, { stdin, stdout, stderr, tty }: SessionStreams, exitCode: number) {
    this.stdin = stdin ? new Writable({ write: (_chunk, _encoding, callback) => callback() }) : undefined
    this.stdout = stdout ? Readable.from([Buffer.from(text)]) : undefined
    this.stderr = stderr && !tty ? Readable.from([]) : undefined
    this.#exitCode = exitCode
  }

  async resize(): Promise<void> {}

  async ended(): Promise<SessionEnd> {
    return { exitCode: this.#exitCode }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stdout?.destroy()
    this.stderr?.destroy()
  }
}
