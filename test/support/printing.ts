import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Feed } from './feed.ts'
import type { Kubectl } from './kubectl.ts'

/** A kubectl that goes on printing, until it ends or is disposed. */
export class Printing implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #output: Feed<string>
  readonly #end: Promise<unknown>

  constructor(kubectl: Pick<Kubectl, 'command'>, ...args: readonly string[]) {
    this.#output = new Feed(`Output of kubectl ${args.join(' ')}`)
    const [program = '', ...place] = kubectl.command
    const child = spawn(program, [...place, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    this.#end = once(child, 'close').then(([code]) => {
      this.#output.end(new Error(`kubectl ended with ${String(code)}: ${complaint}`))
      return code
    })
  }

  /** Waits until it has printed a text. */
  async until(text: string): Promise<void> {
    await this.#output.until(`"${text}"`, (chunks) => chunks.join('').includes(text) || undefined)
  }

  /** Waits until what it has printed matches, and returns the match. */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#output.until(String(pattern), (chunks) => pattern.exec(chunks.join('')) ?? undefined)
  }

  /** All that it printed, when it has ended by itself, well. */
  async end(): Promise<string> {
    const code = await this.#end
    if (code !== 0) throw new Error(`kubectl ended with ${String(code)}, and printed: ${this.#text}`)
    return this.#text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill()
    await this.#end
  }

  get #text(): string {
    return this.#output.items.join('')
  }
}
