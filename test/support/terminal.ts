import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Feed } from './feed.ts'

/** A command in a terminal of its own, of 30 lines and 100 columns, as a user at a keyboard has it. */
export class Terminal implements AsyncDisposable {
  readonly #output = new Feed<string>('The terminal')
  readonly #child: ChildProcess
  readonly #end: Promise<number>

  constructor(...command: readonly string[]) {
    const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
    // script is the one program that every Debian has for it.
    this.#child = spawn('script', ['-qefc', `stty rows 30 cols 100; exec ${words}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
    this.#end = once(this.#child, 'close').then(([code]) => {
      this.#output.end(new Error(`It has ended with ${String(code)}`))
      return Number(code)
    })
  }

  /** Types what is given, without waiting for anything. */
  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Waits until what has been shown, from the start on, matches; returns it. */
  async shows(pattern: RegExp): Promise<string> {
    return this.#output.until(`${pattern}`, (chunks) => {
      const shown = chunks.join('')
      return pattern.test(shown) ? shown : undefined
    })
  }

  /** The exit code. */
  async ended(): Promise<number> {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
    await this.#end
  }
}
