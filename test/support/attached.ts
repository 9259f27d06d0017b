import Docker from 'dockerode'
import { Feed } from './feed.ts'

/** The terminal of a running container, as `kubectl attach -it` shows it. */
export class AttachedTerminal implements Disposable {
  readonly #output = new Feed<string>('The terminal')
  readonly #stream: NodeJS.ReadWriteStream

  private constructor(stream: NodeJS.ReadWriteStream) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
    stream.once('close', () => this.#output.end(new Error('It is closed')))
  }

  static async open(containerId: string): Promise<AttachedTerminal> {
    const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
    return new AttachedTerminal(await new Docker().getContainer(containerId).attach(options))
  }

  /** Types a line, and returns what has been shown up to `text`. */
  async type(line: string, text: RegExp): Promise<string> {
    this.#stream.write(`${line}\n`)
    return this.#output.until(`${text}`, (chunks) => {
      const shown = chunks.join('')
      return text.test(shown) ? shown : undefined
    })
  }

  [Symbol.dispose](): void {
    this.#stream.end()
  }
}
