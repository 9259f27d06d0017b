import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { KubeletError } from '../../src/model/errors.ts'
import { endProcess } from '../support/end-process.ts'
import { freePort } from '../support/free-port.ts'
import { adminKubeconfig, kubeClient } from './cluster-harness.ts'

/**
 * A second API server of the test bed's control plane, on the same etcd, that a test may stop and start as it likes. Only
 * our own control plane can have one: a cluster that `$KUBECONFIG` names can't.
 */
export class SpareApiServer implements AsyncDisposable {
  readonly port: number
  readonly #command: readonly string[]
  readonly #admin: string
  #process: ChildProcess | undefined

  private constructor(port: number, command: readonly string[], admin: string) {
    this.port = port
    this.#command = command
    this.#admin = admin
  }

  /** @param flags More of them than the one that runs has. */
  static async make(...flags: readonly string[]): Promise<SpareApiServer> {
    const admin = await adminKubeconfig()
    const run = process.env['MINIKUBELET_TESTBED_RUN'] ?? '/run/minikubelet-testbed'
    // How the one that runs was started, with another port.
    const pid = (await readFile(join(run, 'kube-apiserver.pid'), 'utf8')).trim()
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1)
    const port = await freePort()
    command[command.indexOf('--secure-port') + 1] = String(port)
    return new SpareApiServer(port, [...command, ...flags], admin)
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.#command
    this.#process = spawn(program, args, { stdio: 'ignore' })
    const client = kubeClient(this.#admin, this.port)
    const guard = AbortSignal.timeout(60_000)
    try {
      while (!(await isReady(client, guard))) await setTimeout(100)
    } catch (error) {
      await this.stop()
      throw error
    } finally {
      client.close()
    }
  }

  /** At once, as a crash does. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child !== undefined) await endProcess(child, 'SIGKILL')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

async function isReady(client: ReturnType<typeof kubeClient>, guard: AbortSignal): Promise<boolean> {
  try {
    // Ready means that its caches of RBAC rules are filled, too.
    await client.request({ what: 'ask whether it is ready', method: 'GET', path: '/api/v1/namespaces/default' }, guard)
    return true
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    return false
  }
}
