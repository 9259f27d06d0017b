import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { Pod } from '../../src/model/kube.ts'
import { Agent } from './agent.ts'
import { dockerContainersOf, removeDockerContainersOf, type DockerContainer } from './docker-objects.ts'
import { everyStep } from './every-step.ts'
import { freePort } from './free-port.ts'
import { unmountAndRemove } from './mounts.ts'
import { removePodCgroups } from './pod-cgroups.ts'

const deadlineMs = 90_000

/** A node without a cluster, whose agent runs the Pods of a folder and shows them on its read-only port. */
export class StandaloneNode implements AsyncDisposable {
  readonly name: string
  readonly folder: string
  readonly #port: number
  readonly #flags: readonly string[]
  #agent: Agent

  private constructor(name: string, folder: string, port: number, flags: readonly string[]) {
    this.name = name
    this.folder = folder
    this.#port = port
    this.#flags = flags
    this.#agent = this.#newAgent()
  }

  /** @param flags More flags for the agent, which beat the test's own. */
  static async start(...flags: readonly string[]): Promise<StandaloneNode> {
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
    await mkdir(join(folder, 'manifests'))
    return new StandaloneNode(`e2e-${randomBytes(4).toString('hex')}`, folder, await freePort(), flags)
  }

  get agent(): Agent {
    return this.#agent
  }

  /** The folder of the manifests. */
  get manifests(): string {
    return join(this.folder, 'manifests')
  }

  /** A new agent in the place of one that has ended. */
  restartAgent(): Agent {
    this.#agent = this.#newAgent()
    return this.#agent
  }

  /** Writes a manifest beside the folder and moves it there whole. */
  async write(file: string, manifest: string | object): Promise<void> {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
    const unfinished = join(this.folder, file)
    await writeFile(unfinished, text)
    await rename(unfinished, join(this.manifests, file))
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.manifests, file))
  }

  /** The body of what the agent answers on its read-only port. */
  async ask(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`)
    return answer.text()
  }

  /** What it answers to the question for its Pods. */
  async pods(): Promise<readonly Pod[]> {
    const list: { readonly items: readonly Pod[] } = JSON.parse(await this.ask('/pods'))
    return list.items
  }

  /** The Pod of a manifest by the name that stands there; `undefined` when the agent has none. */
  async find(name: string): Promise<Pod | undefined> {
    return (await this.pods()).find(({ metadata }) => metadata.name === `${name}-${this.name}`)
  }

  /**
   * Waits until `test` holds for a Pod, by its name in the manifest; `undefined` is given to it while there is none. The
   * port cannot be watched, so it is asked again and again.
   */
  async until(name: string, what: string, test: (pod: Pod | undefined) => boolean): Promise<Pod | undefined> {
    const deadline = Date.now() + deadlineMs
    for (;;) {
      const pod = await this.find(name).catch(() => 'no answer' as const)
      if (pod !== 'no answer' && test(pod)) return pod
      if (Date.now() > deadline) throw new Error(`In vain waited for "${name}" ${what}: ${inspect(pod, { depth: 8 })}`)
      await delay(50)
    }
  }

  containers(): Promise<readonly DockerContainer[]> {
    return dockerContainersOf(this.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await everyStep(
      () => this.#agent.kill(),
      () => removeDockerContainersOf(this.name, this.#dockerHost),
      () => removePodCgroups(join(this.folder, 'root')),
      () => unmountAndRemove(this.folder),
    )
  }

  get #dockerHost(): string | undefined {
    const flag = '--docker-host='
    return this.#flags.find((given) => given.startsWith(flag))?.slice(flag.length)
  }

  #newAgent(): Agent {
    return new Agent(
      `--pod-manifest-path=${this.manifests}`,
      `--hostname-override=${this.name}`,
      `--root-dir=${join(this.folder, 'root')}`,
      `--pod-logs-dir=${join(this.folder, 'pod-logs')}`,
      `--container-logs-dir=${join(this.folder, 'container-logs')}`,
      `--read-only-port=${this.#port}`,
      '--address=127.0.0.1',
      '--node-ip=127.0.0.1',
      '--healthz-port=0',
      '--port=0',
      // How full the disks of this machine are is nothing that tests depend on.
      '--eviction-hard=memory.available<50Mi',
      '--image-gc-high-threshold=100',
      ...this.#flags,
    )
  }
}
