import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * A line of the agent's log: `msg` says what happened (the kind of an event of a Pod's way),
 * the other members with what.
 */
export interface AgentLine {
  readonly msg: string
  readonly [field: string]: unknown
}

/** An agent that ended and was not told to. */
export interface UnaskedEnd {
  readonly atMs: number
  readonly how: string
}

/** What is kept of the log for a report. */
const keptLines = 400
/** As a service manager would. */
const restartAfterMs = 500

/**
 * The agent under test, as it is shipped, in a process of its own. One that ends by itself is
 * started again, and that is kept.
 */
export class ChaosAgent implements AsyncDisposable {
  /** All that it ever wrote. */
  readonly logFile: string
  readonly #command: readonly string[]
  readonly #written: WriteStream
  readonly #listeners = new Set<(line: AgentLine) => void>()
  readonly #unasked: UnaskedEnd[] = []
  #tail: string[] = []
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()
  #wanted = false

  /** @param command `main.js` and its flags. */
  constructor(command: readonly string[], logFile: string) {
    this.#command = command
    this.logFile = logFile
    this.#written = createWriteStream(logFile, { flags: 'a' })
  }

  /** `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The last lines of its log, the oldest first. */
  get tail(): readonly string[] {
    return this.#tail
  }

  /** Ends that nobody asked for, of all agents so far. */
  get unasked(): readonly UnaskedEnd[] {
    return this.#unasked
  }

  /** Starts it, if it does not run. Does not wait until it works. */
  start(): void {
    this.#wanted = true
    if (this.#child !== undefined) return
    // In a session of its own: Ctrl-C reaches the harness alone, which then takes everything down in order.
    const child = spawn(process.execPath, [...this.#command], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    this.#child = child
    const killWithUs = (): void => void child.kill('SIGKILL')
    process.once('exit', killWithUs)
    createInterface(child.stderr).on('line', (line) => this.#take(line))
    this.#ended = once(child, 'close').then(([code, signal]) => {
      process.off('exit', killWithUs)
      this.#child = undefined
      if (this.#wanted) this.#restart(String(signal ?? code))
    })
  }

  /** Ends it where it stands (SIGKILL), and waits until it is gone. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Tells it to end (SIGTERM), and waits until it is gone. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Calls `listener` with each line that it logs from now on, as soon as it comes. */
  onLine(listener: (line: AgentLine) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Resolves with the first line from now on that passes `test`. Rejects with `signal`. */
  async logged(test: (line: AgentLine) => boolean, signal: AbortSignal): Promise<AgentLine> {
    const { promise, resolve, reject } = Promise.withResolvers<AgentLine>()
    using _ = this.onLine((line) => {
      if (test(line)) resolve(line)
    })
    const onAbort = (): void => reject(new Error('It was not logged in time'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9()
    this.#written.end()
    await once(this.#written, 'close')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#wanted = false
    this.#child?.kill(signal)
    await this.#ended
  }

  #restart(how: string): void {
    this.#unasked.push({ atMs: Date.now(), how: `${how}: ${this.#tail.at(-1) ?? 'without a word'}` })
    setTimeout(() => {
      if (this.#wanted) this.start()
    }, restartAfterMs)
  }

  #take(text: string): void {
    this.#written.write(`${text}\n`)
    this.#tail.push(text)
    if (this.#tail.length > 2 * keptLines) this.#tail = this.#tail.slice(-keptLines)
    if (this.#listeners.size === 0) return
    const line = parseLine(text)
    for (const listener of this.#listeners) listener(line)
  }
}

/** What is no JSON was written by the runtime or on the way out. */
function parseLine(text: string): AgentLine {
  try {
    const line: AgentLine = JSON.parse(text)
    return line
  } catch {
    return { msg: text }
  }
}
