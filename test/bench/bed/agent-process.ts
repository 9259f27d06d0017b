import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface AgentOptions {
  /** The built `main.js`. */
  readonly main: string
  readonly kubeconfig: string
  readonly nodeName: string
  /** For its root folder, logs and profile. */
  readonly directory: string
  readonly profile: boolean
  /** Of its HTTPS API. */
  readonly port: number
}

/** How one life of the agent differs from production. */
export interface LifeOptions {
  /** V8 writes a CPU profile when it ends, and the debug log has every step with its duration. That costs CPU. */
  readonly profile?: boolean
  /** The debug log alone. */
  readonly logsSteps?: boolean
  /** V8 says in the log what each garbage collection left. */
  readonly logsHeap?: boolean
}

/** The agent under measurement, in a process of its own, started as in production but for its ports. */
export class AgentProcess implements AsyncDisposable {
  readonly #options: AgentOptions
  readonly #failed = Promise.withResolvers<never>()
  #child: ChildProcess
  #lives = 0
  #isStopping = false
  #logFile = ''

  constructor(options: AgentOptions) {
    // Whoever asks gets it; with nobody asking it must not count as unhandled.
    this.#failed.promise.catch(() => undefined)
    this.#options = options
    this.#child = this.#spawn({ profile: options.profile })
  }

  get pid(): number {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) return pid
    throw new Error(`The agent has ended: see its log "${this.#logFile}"`)
  }

  /** Of the life that is or was the last. */
  get logFile(): string {
    return this.#logFile
  }

  /** Where a life with a profile leaves it. */
  get profileFile(): string {
    return join(this.#options.directory, this.#profileName)
  }

  get #profileName(): string {
    return `agent-${this.#lives}.cpuprofile`
  }

  /** Rejects when the agent ends without having been asked to. */
  ended(): Promise<never> {
    return this.#failed.promise
  }

  /** SIGTERM, and its end awaited: the profile is written on the way out. */
  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    // One that is frozen hears nothing.
    this.#child.kill('SIGCONT')
    await exit
  }

  /** Another life, when the one before has been stopped. */
  start(life: LifeOptions = {}): void {
    this.#isStopping = false
    this.#child = this.#spawn({ profile: this.#options.profile, ...life })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #spawn({ profile = false, logsSteps = profile, logsHeap = false }: LifeOptions): ChildProcess {
    const { main, kubeconfig, nodeName, directory, port } = this.#options
    this.#lives += 1
    this.#logFile = join(directory, `agent-${this.#lives}.log`)
    const log = openSync(this.#logFile, 'w')
    const profiler = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', directory]
    const identity = ['--hostname-override', nodeName, '--kubeconfig', kubeconfig, '--node-ip', '127.0.0.1']
    const surroundings = ['--root-dir', join(directory, 'root'), '--healthz-port', '0', '--cluster-dns', '10.96.0.10']
    // A full disk is no reason to measure something else.
    const disks = ['--eviction-hard', 'memory.available<50Mi', '--image-gc-high-threshold', '100']
    const logs = [
      '--pod-logs-dir',
      join(directory, 'pod-logs'),
      '--container-logs-dir',
      join(directory, 'container-logs'),
    ]
    const args = [
      ...(profile ? [...profiler, '--cpu-prof-name', this.#profileName] : []),
      ...(logsHeap ? ['--trace-gc'] : []),
      main,
      ...identity,
      ...surroundings,
      ...disks,
      ...logs,
      '--address',
      '127.0.0.1',
      '--port',
      String(port),
      ...(logsSteps ? ['--v', '4'] : []),
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    child.once('exit', () => {
      if (this.#isStopping) return
      const lines = readFileSync(this.#logFile, 'utf8').trim().split('\n')
      this.#failed.reject(new Error(`The agent has ended: ${lines.at(-1) ?? 'without a word'}`))
    })
    return child
  }
}
