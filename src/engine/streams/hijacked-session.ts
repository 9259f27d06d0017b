import type { Duplex } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import { aborted } from '../connection/deadline.ts'
import type { ContainerSession, SessionEnd, SessionStreams, TerminalSize } from './container-session.ts'
import { outputParts, wholeOutput } from '../docker-stream.ts'
import { FrameReader } from './frame-reader.ts'
import { keepOutput } from './keep-output.ts'
import { SessionInput } from './session-input.ts'
import { SessionOutput } from './session-output.ts'

export interface HijackedSessionOptions {
  readonly streams: SessionStreams
  /** Docker's connection, after its upgrade. The session's from now on. */
  readonly connection: Duplex
  readonly resize: (size: TerminalSize, signal: AbortSignal) => Promise<void>
  /** Asked once all output has come. */
  readonly exitCode: (signal: AbortSignal) => Promise<number | undefined>
  /** What went wrong on the way to Docker, in our words. */
  readonly explain: (error: unknown) => KubeletError
}

/** A session over a connection that Docker has handed over. */
export class HijackedSession implements ContainerSession {
  readonly stdin: SessionInput | undefined
  readonly stdout: SessionOutput | undefined
  readonly stderr: SessionOutput | undefined
  readonly #options: HijackedSessionOptions
  /** Fires when the session is let go of. */
  readonly #ending = new AbortController()
  readonly #end: Promise<SessionEnd>

  constructor(options: HijackedSessionOptions, signal: AbortSignal) {
    const { streams, connection } = options
    this.#options = options
    if (streams.stdin) keepOutput(connection)
    this.stdin = streams.stdin ? new SessionInput(connection) : undefined
    this.stdout = streams.stdout ? new SessionOutput() : undefined
    this.stderr = streams.stderr && !streams.tty ? new SessionOutput() : undefined
    // A write that fails because the command has ended is no fault; whoever reads sees what else goes wrong.
    connection.on('error', () => {})
    const onAbort = (): void => this.#letGo(aborted(signal))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    this.#end = this.#run().finally(() => signal.removeEventListener('abort', onAbort))
    // Whoever asks for the end is told; nobody has to ask.
    this.#end.catch(() => {})
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#options.resize(size, this.#ending.signal)
  }

  ended(): Promise<SessionEnd> {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo(new KubeletError('aborted', 'The session was let go of'))
    await this.#end.catch(() => {})
  }

  async #run(): Promise<SessionEnd> {
    try {
      await this.#copyOutputs()
      return { exitCode: await this.#options.exitCode(this.#ending.signal) }
    } catch (error) {
      throw this.#fault(error)
    }
  }

  #fault(error: unknown): KubeletError {
    const { reason } = this.#ending.signal
    return reason instanceof KubeletError ? reason : this.#options.explain(error)
  }

  /** Hands on what Docker sends until there is no more of it, never more than is wanted. */
  async #copyOutputs(): Promise<void> {
    const { connection, streams } = this.#options
    const reader = streams.tty ? wholeOutput : new FrameReader()
    let fault: KubeletError | undefined
    try {
      for await (const { stream, payload } of outputParts(connection, reader)) await this[stream]?.give(payload)
    } catch (error) {
      fault = this.#fault(error)
      throw fault
    } finally {
      this.stdout?.over(fault)
      this.stderr?.over(fault)
      // Docker may leave its reading end open, with input in between that nobody will read.
      connection.destroy()
    }
  }

  #letGo(reason: KubeletError): void {
    if (this.#ending.signal.aborted) return
    this.#ending.abort(reason)
    this.#options.connection.destroy(reason)
    this.stdout?.destroy()
    this.stderr?.destroy()
  }
}
