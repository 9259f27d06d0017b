import { once } from 'node:events'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import type {
  ContainerSession,
  SessionEnd,
  SessionStreams,
  TerminalSize,
} from '../../src/engine/streams/container-session.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { KeptOutput } from '../../src/engine/kept-output.ts'
import type { FakeCommand } from './fake-container.ts'

/** What a fake command or container sees of whoever talks with it. */
export interface FakeTerminal {
  /** At its end at once where no input was asked for. */
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** The last that was set. */
  readonly size: () => TerminalSize | undefined
}

/** Gives the exit code; `undefined` for an attached container's. */
export type FakeTalk = (terminal: FakeTerminal) => Promise<number | undefined>

export class FakeSession implements ContainerSession {
  readonly stdin: PassThrough | undefined
  readonly stdout: PassThrough | undefined
  readonly stderr: PassThrough | undefined
  readonly #all: readonly PassThrough[]
  readonly #end: Promise<SessionEnd>
  readonly #letGo: () => void
  #size: TerminalSize | undefined

  constructor(streams: SessionStreams, talk: FakeTalk, signal: AbortSignal) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    this.#all = [stdin, stdout, stderr]
    for (const stream of this.#all) stream.on('error', () => {})
    this.stdin = streams.stdin ? stdin : undefined
    if (!streams.stdin) stdin.end()
    this.stdout = streams.stdout ? stdout : undefined
    if (!streams.stdout) stdout.resume()
    this.stderr = streams.stderr && !streams.tty ? stderr : undefined
    if (this.stderr === undefined) stderr.resume()
    const { promise: gone, reject } = Promise.withResolvers<never>()
    this.#letGo = () => {
      for (const stream of this.#all) stream.destroy()
      reject(new KubeletError('aborted', 'The session was let go of'))
    }
    signal.addEventListener('abort', this.#letGo, { once: true })
    const terminal = { stdin, stdout, stderr: streams.tty ? stdout : stderr, size: () => this.#size }
    this.#end = Promise.race([gone, this.#run(talk, terminal)])
    this.#end.catch(() => {})
  }

  async resize(size: TerminalSize): Promise<void> {
    this.#size = size
  }

  ended(): Promise<SessionEnd> {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo()
  }

  async #run(talk: FakeTalk, terminal: FakeTerminal): Promise<SessionEnd> {
    const exitCode = await talk(terminal)
    for (const stream of this.#all) stream.end()
    terminal.stdin.resume()
    return { exitCode }
  }
}

/** What a command does in a session; `containerEnds` is waited for by one that hangs. */
export function talkOf(command: FakeCommand, containerEnds: () => Promise<unknown>): FakeTalk {
  return async (terminal) => {
    if (command.kind === 'talks') return command.talk(terminal)
    terminal.stdout.write(command.output ?? '')
    if (command.kind === 'hangs') await containerEnds()
    else terminal.stderr.write(command.errors ?? '')
    return command.kind === 'hangs' ? 137 : command.exitCode
  }
}

/** Writes out all that it reads. */
export async function copiesInput({ stdin, stdout }: FakeTerminal): Promise<number> {
  for await (const chunk of stdin) stdout.write(chunk)
  return 0
}

/** Writes the size of its terminal once it has read something. */
export async function tellsSize({ stdin, stdout, size }: FakeTerminal): Promise<number> {
  await once(stdin, 'data')
  stdout.write(JSON.stringify(size()))
  return 0
}

/** What is kept of the output of a command that talks with nobody. */
export function keptOutput(run: Exclude<FakeCommand, { kind: 'talks' }>, maxOutputBytes: number): string {
  const kept = new KeptOutput(maxOutputBytes)
  kept.add('stdout', Buffer.from(run.output ?? ''))
  if (run.kind === 'ends') kept.add('stderr', Buffer.from(run.errors ?? ''))
  return kept.text()
}
