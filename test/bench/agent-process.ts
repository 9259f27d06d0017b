import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface AgentOptions {
  /** The built `main.js`. */
  readonly main: string
  readonly kubeconfig: string
  readonly nodeName: string
  /** For its root folder, log and profile. */
  readonly directory: string
  readonly profile: boolean
  /** Of its HTTPS API. */
  readonly port: number
}

/** The agent under measurement, in a process of its own, started as in production but for its ports. */
export class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  #stopping = false
  readonly logFile: string

  constructor({ main, kubeconfig, nodeName, directory, profile, port }: AgentOptions) {
    this.logFile = join(directory, 'agent.log')
    const log = openSync(this.logFile, 'w')
    const profiler = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', directory]
    const identity = ['--hostname-override', nodeName, '--kubeconfig', kubeconfig, '--node-ip', '127.0.0.1']
    const surroundings = ['--root-dir', join(directory, 'root'), '--healthz-port', '0', '--cluster-dns', '10.96.0.10']
    const api = ['--address', '127.0.0.1', '--port', String(port)]
    const logs = [
      '--pod-logs-dir',
      join(directory, 'pod-logs'),
      '--container-logs-dir',
      join(directory, 'container-logs'),
      // A gigabyte of a log is read as a whole.
      '--container-log-max-size',
      '4Gi',
    ]
    const args = [
      ...(profile ? profiler : []),
      main,
      ...identity,
      ...surroundings,
      ...api,
      ...logs,
      // The debug log has every step with its duration; it costs some CPU, so only where that is wanted.
      ...(profile ? ['--v', '4'] : []),
    ]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', log, log] })
  }

  get pid(): number {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) return pid
    throw new Error(`The agent has ended: see its log "${this.logFile}"`)
  }

  /** Rejects when the agent ends without having been asked to. */
  async ended(): Promise<never> {
    await once(this.#child, 'exit')
    if (this.#stopping) return await Promise.withResolvers<never>().promise
    const lines = readFileSync(this.logFile, 'utf8').trim().split('\n')
    throw new Error(`The agent has ended: ${lines.at(-1) ?? 'without a word'}`)
  }

  /** SIGTERM, and its end awaited: the profile is written on the way out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exit
  }
}
