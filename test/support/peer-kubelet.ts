import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { dockerHost } from '../../src/engine/connection/docker-host.ts'
import { DockerEngine } from '../../src/engine/docker-engine.ts'
import { ensurePauseImage } from '../../src/engine/pause-image.ts'
import { hack, repositoryPath } from './command.ts'

/** The real kubelet as a node of its own, on a Docker that no other kubelet has: see hack/peer-kubelet.sh. */
export class PeerKubelet implements AsyncDisposable {
  readonly name: string
  /** What lies there lies there for this machine, too, mounts included. */
  readonly rootDir: string
  readonly #host: string
  readonly #flags: readonly string[]

  private constructor(name: string, rootDir: string, host: string, flags: readonly string[]) {
    this.name = name
    this.rootDir = rootDir
    this.#host = host
    this.#flags = flags
  }

  /** Builds it if need be, and waits until its node is Ready. `host` is as for `--docker-host`; more flags beat its own. */
  static async start(host: string, ...flags: readonly string[]): Promise<PeerKubelet> {
    const name = `peer-${randomBytes(4).toString('hex')}`
    const peer = new PeerKubelet(name, await hack('peer-kubelet.sh', 'root', name), host, flags)
    try {
      await peer.#up()
      return peer
    } catch (error) {
      await peer[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Of its process; throws when there is none. */
  async pid(): Promise<number> {
    return Number(await hack('peer-kubelet.sh', 'pid', this.name))
  }

  /** Ends the kubelet alone: what it runs runs on. */
  async stop(): Promise<void> {
    await this.#script('stop', {})
  }

  /** Once it has been stopped. Its Node still says Ready then, so that is not waited for. */
  async startAgain(): Promise<void> {
    await this.#up()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script('down', {})
  }

  async #up(): Promise<void> {
    const pauseImage = await loadPauseImage(this.name, this.#host)
    await this.#script('up', { PEER_PAUSE_IMAGE: pauseImage, PEER_FLAGS: this.#flags.join(' ') })
  }

  async #script(action: 'up' | 'stop' | 'down', more: Readonly<Record<string, string>>): Promise<void> {
    const env = { ...process.env, DOCKER_HOST: this.#host, ...more }
    await promisify(execFile)(repositoryPath('hack/peer-kubelet.sh'), [action, this.name], { env })
  }
}

/** Both sides hold their sandboxes with the same image. */
async function loadPauseImage(nodeName: string, host: string): Promise<string> {
  const signal = AbortSignal.timeout(60_000)
  using engine = await DockerEngine.connect({ host: dockerHost(host, {}), nodeName }, signal)
  const { id, tags } = await ensurePauseImage(engine, signal)
  // A dockershim would pull an image of which it is told the id.
  return tags[0] ?? id
}
