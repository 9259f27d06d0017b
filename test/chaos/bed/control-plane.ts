import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { repositoryPath } from '../../support/command.ts'
import { isAlive } from '../../support/is-alive.ts'
import type { Random } from '../random.ts'

export const planeParts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
export type PlanePart = (typeof planeParts)[number]

const deadlineMs = 20_000

/** A control plane beside that of the test bed, by hack/control-plane.sh: its processes may be killed. */
export class ControlPlane implements AsyncDisposable {
  /** Of the API server, on loopback. */
  readonly port: number
  readonly #run: string

  private constructor(run: string, port: number) {
    this.#run = run
    this.port = port
  }

  /** @param run Folder for all that it keeps. */
  static async start(run: string, random: Random): Promise<ControlPlane> {
    const plane = new ControlPlane(run, await unusedPort(random))
    try {
      await plane.up()
      return plane
    } catch (error) {
      await plane[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The administrator's. */
  get kubeconfig(): string {
    return join(this.#run, 'control-plane', 'admin.kubeconfig')
  }

  get etcdUrl(): string {
    return `http://127.0.0.1:${etcdPort(this.port)}`
  }

  /** A kubeconfig with the identity of a node. */
  async credentialsOf(node: string): Promise<string> {
    return await this.#script('node-credentials.sh', node)
  }

  /** Starts what does not run, and waits until all answer. */
  async up(): Promise<void> {
    await this.#script('control-plane.sh', 'up')
  }

  /** The pid of a part that runs, or ran last. */
  async pid(part: PlanePart): Promise<number> {
    return Number(await readFile(join(this.#run, `${part}.pid`), 'utf8'))
  }

  /** Ends a part where it stands, and waits until it is gone; `up` brings it back. */
  async kill(part: PlanePart, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const pid = await this.pid(part)
    process.kill(pid, signal)
    for (const until = Date.now() + deadlineMs; await isAlive(pid); await delay(20)) {
      if (Date.now() > until) process.kill(pid, 'SIGKILL')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nobody needs what it would write down at its end.
    for (const part of planeParts) await this.kill(part).catch(() => 'it does not run')
    await rm(this.#run, { recursive: true, force: true })
  }

  async #script(name: string, ...args: readonly string[]): Promise<string> {
    const { KUBECONFIG: _, ...env } = process.env
    const own = { MINIKUBELET_TESTBED_RUN: this.#run, MINIKUBELET_APISERVER_PORT: String(this.port) }
    // In a session of its own, so that Ctrl-C does not end it halfway.
    const command = ['--wait', repositoryPath(`hack/${name}`), ...args]
    const { stdout } = await promisify(execFile)('setsid', command, { env: { ...env, ...own } })
    return stdout.trim()
  }
}

/** As hack/control-plane.sh derives them from the API server's. */
function etcdPort(port: number): number {
  return port - 4064
}

/** Below those that the kernel gives away, with the others that the script derives from it. */
async function unusedPort(random: Random): Promise<number> {
  for (;;) {
    const port = random.between(18_000, 27_000)
    const all = [port, etcdPort(port), etcdPort(port) + 1, port + 3814, port + 3816]
    const taken = await Promise.all(all.map(isTaken))
    if (!taken.includes(true)) return port
  }
}

async function isTaken(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: '127.0.0.1', port })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  const taken = await promise
  socket.destroy()
  return taken
}
