import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { repositoryPath } from './command.ts'
import { endProcess } from './end-process.ts'
import { Feed } from './feed.ts'

/** A line of the agent's log: `msg` says what happened, the other members with what. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One run of the agent, from the source, with all that it has logged. */
export class Agent {
  /** Its log, as JSON; a line that is no JSON (a message on stderr) has the level `stderr`. */
  readonly log: Feed<LogLine>
  readonly #process: ChildProcess
  readonly #end: Promise<ProcessEnd>

  constructor(...flags: readonly string[]) {
    this.log = new Feed<LogLine>('The log of the agent')
    const child = spawn(
      process.execPath,
      [repositoryPath('src/main.ts'), '--log-format', 'json', '--v', '4', ...flags],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    this.#process = child
    // A test that crashes takes its agents along.
    const killWithUs = (): void => void child.kill('SIGKILL')
    process.once('exit', killWithUs)
    child.once('exit', () => process.off('exit', killWithUs))
    createInterface(child.stderr).on('line', (line) => this.log.push(parseLine(line)))
    this.#end = once(child, 'close').then(([code, signal]: (ProcessEnd['code'] | ProcessEnd['signal'])[]) => {
      const end = { code: typeof code === 'number' ? code : null, signal: typeof signal === 'string' ? signal : null }
      this.log.end(new Error(`The agent ended with ${end.code ?? end.signal ?? ''}`))
      return end
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Resolves when the process has ended and its last line is read. */
  async ended(): Promise<ProcessEnd> {
    return this.#end
  }

  /** Tells it to end (SIGTERM), and waits; after a minute it is killed. */
  async stop(): Promise<ProcessEnd> {
    await endProcess(this.#process)
    return this.#end
  }

  /** Ends it where it stands (SIGKILL). */
  async kill(): Promise<ProcessEnd> {
    this.#process.kill('SIGKILL')
    return this.#end
  }

  /** Waits for a line about a Pod, by its name. */
  logged(msg: string, pod: string): Promise<LogLine> {
    return this.log.first(`"${msg}" of Pod "${pod}"`, (line) => line.msg === msg && podName(line) === pod)
  }
}

/** The Pod that a line is about, without its namespace. */
export function podName({ pod }: LogLine): string | undefined {
  return typeof pod === 'string' ? pod.split('/')[1] : undefined
}

function parseLine(line: string): LogLine {
  try {
    const parsed: LogLine = JSON.parse(line)
    return parsed
  } catch {
    // A message of Node's, or what an agent that was killed wrote last.
    return { level: 'stderr', msg: line }
  }
}
