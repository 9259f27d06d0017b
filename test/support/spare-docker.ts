import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { docker, repositoryPath, run } from './command.ts'
import { endProcess } from './end-process.ts'
import { everyStep } from './every-step.ts'
import { isAlive } from './is-alive.ts'
import { unmountAndRemove } from './mounts.ts'

const deadlineMs = 60_000

export interface SpareDockerOptions {
  /** Images of the test bed's Docker that it begins with. */
  readonly images: readonly string[]
  /** More flags. */
  readonly flags?: readonly string[]
  /** Ctrl-C on the terminal does not reach it: it ends when it is disposed. */
  readonly detached?: boolean
}

/** A second Docker daemon beside the test bed's, with a folder, a bridge and a socket of its own, for tests that end it. */
export class SpareDocker implements AsyncDisposable {
  readonly #folder: string
  readonly #bridge: string
  readonly #options: SpareDockerOptions
  #daemon: ChildProcess | undefined

  private constructor(folder: string, bridge: string, options: SpareDockerOptions) {
    this.#folder = folder
    this.#bridge = bridge
    this.#options = options
  }

  /** Starts it with these images of the test bed's Docker. */
  static start(...images: readonly string[]): Promise<SpareDocker> {
    return SpareDocker.startWith({ images })
  }

  static async startWith(options: SpareDockerOptions): Promise<SpareDocker> {
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-docker-'))
    const bridge = `mk${randomBytes(4).toString('hex')}`
    await using begun = new AsyncDisposableStack()
    const spare = begun.use(new SpareDocker(folder, bridge, options))
    // Without a bridge of its own it would take the other daemon's.
    await run('ip', 'link', 'add', 'name', bridge, 'type', 'bridge')
    await run('ip', 'address', 'add', `10.213.${randomInt(256)}.1/24`, 'dev', bridge)
    await run('ip', 'link', 'set', bridge, 'up')
    await spare.up()
    const archive = join(folder, 'images.tar')
    await docker('save', '--output', archive, ...options.images)
    await spare.run('load', '--input', archive)
    begun.move()
    return spare
  }

  get folder(): string {
    return this.#folder
  }

  /** For `--docker-host`. */
  get host(): string {
    return `unix://${join(this.#folder, 'docker.sock')}`
  }

  /** Docker's own client on this daemon. */
  run(...args: readonly string[]): Promise<string> {
    return docker('--host', this.host, ...args)
  }

  /** Ends the daemon, and with it every container, as `systemctl stop docker` does. */
  async down(): Promise<void> {
    await this.#signal('SIGTERM')
  }

  /** Ends the daemon where it stands; what runs in containers goes on, and is looked after when it is started again. */
  async kill(): Promise<void> {
    const pidFile = join(this.#folder, 'exec', 'containerd', 'containerd.pid')
    const pid = await readFile(pidFile, 'utf8').catch(() => '')
    await this.#signal('SIGKILL')
    // Its containerd dies with it, a moment later; a daemon that found the pid meanwhile would wait for that one.
    for (const until = Date.now() + deadlineMs; pid !== '' && (await isAlive(Number(pid))); await delay(20)) {
      if (Date.now() > until) throw new Error(`containerd (pid ${pid}) outlives its dockerd`)
    }
    await rm(pidFile, { force: true })
  }

  /** Sends the daemon what tells it to read its configuration again, and does not wait. */
  reload(): void {
    this.#daemon?.kill('SIGHUP')
  }

  /** Starts the daemon (again), and waits until it answers. */
  async up(): Promise<void> {
    const testbedRuntime = repositoryPath('hack/testbed-runc')
    const at = (name: string): string => join(this.#folder, name)
    const log = await open(at('log'), 'a')
    const daemon = spawn(
      'dockerd',
      [
        `--host=${this.host}`,
        `--data-root=${at('data')}`,
        `--exec-root=${at('exec')}`,
        `--pidfile=${at('pid')}`,
        `--bridge=${this.#bridge}`,
        '--iptables=false',
        '--ip-masq=false',
        `--add-runtime=testbed=${testbedRuntime}`,
        `--add-runtime=minikubelet=${repositoryPath('deploy/minikubelet-runc')}`,
        '--default-runtime=testbed',
        '--exec-opt=native.cgroupdriver=cgroupfs',
        ...(this.#options.flags ?? []),
      ],
      {
        detached: this.#options.detached ?? false,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, MINIKUBELET_RUNC: testbedRuntime },
      },
    )
    this.#daemon = daemon
    await log.close()
    for (const until = Date.now() + deadlineMs; ; await delay(50)) {
      const answer = await this.run('version').catch(() => undefined)
      if (answer !== undefined) return
      if (Date.now() < until && daemon.exitCode === null) continue
      throw new Error(`dockerd does not answer: ${(await readFile(at('log'), 'utf8')).slice(-2000)}`)
    }
  }

  async #signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    if (daemon !== undefined) await endProcess(daemon, signal)
  }

  /** What a daemon that does not come back has left running: its shims, and what they look after. */
  async #endShims(): Promise<void> {
    const processes = (await run('ps', '-eo', 'pid=,ppid=,args=')).split('\n').map((line) => line.trim().split(/\s+/u))
    const shims = processes.filter((fields) => fields.some((field) => field.startsWith(`${this.#folder}/`)))
    const ids = new Set(shims.map(([pid]) => pid))
    const ends = processes.filter(([pid, parent]) => ids.has(pid) || ids.has(parent))
    for (const [pid] of ends.toReversed()) await run('kill', '-9', pid ?? '').catch(() => 'it has ended')
  }

  async #removeContainers(): Promise<void> {
    const left = await this.run('ps', '--all', '--quiet').catch(() => '')
    if (left !== '') await this.run('rm', '--force', ...left.split('\n'))
  }

  async #removeBridge(): Promise<void> {
    if (existsSync(`/sys/class/net/${this.#bridge}`)) await run('ip', 'link', 'delete', this.#bridge)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await everyStep(
      () => this.#removeContainers(),
      () => this.down(),
      () => this.#endShims(),
      () => this.#removeBridge(),
      // What a daemon mounts for containers of the host's network it leaves mounted.
      () => unmountAndRemove(this.#folder),
    )
  }
}
