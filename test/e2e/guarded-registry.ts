import { join } from 'node:path'
import { registryCredentials, startRegistry, type Registry } from '../integration/support/registry.ts'
import { docker } from '../support/command.ts'
import type { TestNode } from '../support/test-node.ts'

/** A registry that gives nothing to anybody without its password, and the images that tests push to it. */
export class GuardedRegistry implements AsyncDisposable {
  readonly #registry: Registry
  readonly #pushed = new Set<string>()

  private constructor(registry: Registry) {
    this.#registry = registry
  }

  static async start(): Promise<GuardedRegistry> {
    return new GuardedRegistry(await startRegistry({ authenticated: true }))
  }

  /** As it stands in the name of an image: `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#registry.port}`
  }

  /**
   * Pushes a busybox of its own under a name, which Docker then has no image of. Returns the image's whole name.
   *
   * @param folder Where Docker's client may keep the password.
   */
  async push(name: string, folder: string): Promise<string> {
    const image = `${this.address}/${name}`
    const client = ['--config', join(folder, `client-${name.replaceAll('/', '-')}`)]
    const { username, password } = registryCredentials
    const container = await docker('create', 'busybox:1.36')
    this.#pushed.add(await docker('commit', '--change', `LABEL name=${name}`, container, image))
    await docker('rm', container)
    await docker(...client, 'login', '--username', username, '--password', password, this.address)
    await docker(...client, 'push', '--quiet', image)
    await docker('rmi', image)
    return image
  }

  /** Creates a pull secret as `kubectl create secret docker-registry` does. */
  async createSecret(node: TestNode, name: string, password = registryCredentials.password): Promise<void> {
    await node.kubectl.run(
      'create',
      'secret',
      'docker-registry',
      name,
      `--docker-server=${this.address}`,
      `--docker-username=${registryCredentials.username}`,
      `--docker-password=${password}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#pushed].map((id) => docker('rmi', '--force', id)))
    await this.#registry[Symbol.asyncDispose]()
  }
}
