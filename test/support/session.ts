import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { Feed } from './feed.ts'
import type { Kubectl } from './kubectl.ts'

/** How a kubectl ended. */
export interface SessionEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A kubectl that is talked to: its stdin stays open until it is closed. */
export class Session implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #output: Feed<string>
  readonly #end: Promise<SessionEnd>

  private constructor(name: string, [program = '', ...args]: readonly string[]) {
    this.#output = new Feed(`Output of ${name}`)
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    // One that has ended does not read any more.
    this.#process.stdin?.on('error', () => {})
    const [stdout, stderr] = [this.#texts(this.#process.stdout), this.#texts(this.#process.stderr)]
    this.#end = once(this.#process, 'close').then(([code]: (number | null)[]) => {
      const end = { code: code ?? null, stdout: stdout.join(''), stderr: stderr.join('') }
      this.#output.end(new Error(`It ended: ${JSON.stringify(end)}`))
      return end
    })
  }

  static start({ command }: Pick<Kubectl, 'command'>, ...args: readonly string[]): Session {
    return new Session(`kubectl ${args.join(' ')}`, [...command, ...args])
  }

  /** Waits until it has printed something like it, on stdout or stderr, and returns the match. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#output.until(String(pattern), (chunks) => pattern.exec(chunks.join('')) ?? undefined)
  }

  write(text: string | Uint8Array): void {
    this.#process.stdin?.write(text)
  }

  /** Writes the last of it, and closes its stdin. */
  close(text: string | Uint8Array = ''): void {
    this.#process.stdin?.end(text)
  }

  /** As if somebody pulled the plug. */
  kill(): void {
    this.#process.kill('SIGKILL')
  }

  /** Resolves when it has ended. */
  ended(): Promise<SessionEnd> {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#end
  }

  #texts(stream: Readable | null): readonly string[] {
    const texts: string[] = []
    stream?.setEncoding('utf8').on('data', (text: string) => {
      texts.push(text)
      this.#output.push(text)
    })
    return texts
  }
}
