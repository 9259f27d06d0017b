import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { everyStep } from '../../support/every-step.ts'
import { RawDocker } from '../../support/raw-docker.ts'
import { SpareDocker } from '../../support/spare-docker.ts'
import { DockerProxy } from './docker-proxy.ts'

const deadlineMs = 20_000
/** Containers that do not listen are not waited for when the daemon ends. */
const shutdownSeconds = 2

/**
 * A dockerd of the bed's own, and the proxy through which the agent reaches it. While the
 * daemon is away so is the proxy.
 */
export class ChaosDocker implements AsyncDisposable {
  /** Calls of the agent's go through here, and can be kept back. */
  readonly proxy: DockerProxy
  /** Docker's API, past the proxy. Throws while the daemon is away. */
  readonly direct: RawDocker
  readonly #daemon: SpareDocker
  readonly #configuration: string

  private constructor(daemon: SpareDocker, configuration: string) {
    this.#daemon = daemon
    this.#configuration = configuration
    this.direct = new RawDocker(daemon.host)
    this.proxy = new DockerProxy(join(daemon.folder, 'proxy.sock'), daemon.host.replace('unix://', ''))
  }

  static async start(...images: readonly string[]): Promise<ChaosDocker> {
    const configuration = await mkdtemp(join(tmpdir(), 'minikubelet-dockerd-'))
    const file = join(configuration, 'daemon.json')
    await writeFile(file, '{}')
    const flags = [`--config-file=${file}`, `--shutdown-timeout=${shutdownSeconds}`]
    const docker = new ChaosDocker(await SpareDocker.startWith({ images, flags, detached: true }), configuration)
    try {
      await docker.proxy.open()
      return docker
    } catch (error) {
      await docker[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Of the daemon itself, for its direct users. */
  get host(): string {
    return this.#daemon.host
  }

  /** Docker's own client on the daemon, past the proxy. */
  run(...args: readonly string[]): Promise<string> {
    return this.#daemon.run(...args)
  }

  /** Whether containers outlive the daemon. Takes effect at once, as `systemctl reload docker` has it. */
  async setLiveRestore(live: boolean): Promise<void> {
    await writeFile(join(this.#configuration, 'daemon.json'), JSON.stringify({ 'live-restore': live }))
    for (const until = Date.now() + deadlineMs; ;) {
      this.#daemon.reload()
      const info = await this.direct.ask('GET', '/info')
      if (typeof info === 'object' && info !== null && 'LiveRestoreEnabled' in info && info.LiveRestoreEnabled === live)
        return
      if (Date.now() > until) throw new Error(`dockerd does not take live-restore=${live}`)
      await delay(50)
    }
  }

  /** Ends the daemon (SIGTERM), and with it its containers, unless they are to outlive it. */
  async down(): Promise<void> {
    await this.proxy.close()
    await this.#daemon.down()
  }

  /** Ends the daemon where it stands (SIGKILL). */
  async kill(): Promise<void> {
    await Promise.all([this.proxy.close(), this.#daemon.kill()])
  }

  /** Starts the daemon again, and waits until it answers. */
  async up(): Promise<void> {
    await this.#daemon.up()
    await this.proxy.open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await everyStep(
      () => this.proxy[Symbol.asyncDispose](),
      () => this.direct[Symbol.dispose](),
      () => this.#daemon[Symbol.asyncDispose](),
      () => rm(this.#configuration, { recursive: true, force: true }),
    )
  }
}
