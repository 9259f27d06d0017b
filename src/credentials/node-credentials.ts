import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegistryCredentials } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { Logger } from '../util/log.ts'
import { hasCode } from '../util/has-code.ts'
import { askCredentialHelper } from './credential-helper.ts'
import { parseDockerConfig, parseDockercfg, type DockerConfig } from './docker-config.ts'
import { imageRepository, isDefaultRegistry } from './image-repository.ts'
import { distinctCredentials, findCredentials } from './keyring.ts'

export interface NodeCredentialsOptions {
  /** `--root-dir`: the first place that is looked at. */
  readonly rootDir: string
  readonly workingDir: string
  /** Home of the user that the agent runs as. */
  readonly homeDir: string
  readonly log: Logger
}

/** A file is read again after this time (CachingDockerConfigProvider in pkg/credentialprovider/provider.go). */
const rereadAfterMs = 300_000

const nothing: DockerConfig = { entries: [], credsStore: undefined, credHelpers: new Map() }

/** What the node itself may pull with: the first Docker configuration file that can be read, and the helpers it names. */
export class NodeCredentials {
  readonly #options: NodeCredentialsOptions
  #config: Promise<DockerConfig> | undefined
  #readAtMs = 0

  constructor(options: NodeCredentialsOptions) {
    this.#options = options
  }

  /** For an image, in the order in which they are to be tried; what a helper gives comes first. Never rejects. */
  async find(image: string, signal: AbortSignal): Promise<readonly RegistryCredentials[]> {
    const config = await this.#current()
    const helped = await this.#askHelper(config, image, signal)
    return distinctCredentials([...(helped === undefined ? [] : [helped]), ...findCredentials(config.entries, image)])
  }

  async #current(): Promise<DockerConfig> {
    const nowMs = Date.now()
    if (this.#config === undefined || nowMs - this.#readAtMs >= rereadAfterMs) {
      this.#config = this.#read()
      this.#readAtMs = nowMs
    }
    return this.#config
  }

  /** In the kubelet's order (ReadDockerConfigFile in pkg/credentialprovider/config.go). */
  async #read(): Promise<DockerConfig> {
    const { rootDir, workingDir, homeDir } = this.#options
    for (const folder of [rootDir, workingDir, join(homeDir, '.docker'), '/.docker']) {
      const config = await this.#readFile(join(folder, 'config.json'), parseDockerConfig)
      if (config !== undefined && saysSomething(config)) return config
    }
    for (const folder of [rootDir, workingDir, homeDir, '/']) {
      const entries = await this.#readFile(join(folder, '.dockercfg'), parseDockercfg)
      if (entries !== undefined) return { ...nothing, entries }
    }
    return nothing
  }

  async #readFile<T>(path: string, parse: (text: string) => T): Promise<T | undefined> {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      const isAbsent = hasCode(error, 'ENOENT', 'ENOTDIR')
      if (!isAbsent) this.#options.log.warn('A Docker configuration file is passed over', { path, error })
      return undefined
    }
    try {
      return parse(text)
    } catch (error) {
      this.#options.log.warn('A Docker configuration file is passed over', { path, error })
      return undefined
    }
  }

  async #askHelper(
    { credHelpers, credsStore }: DockerConfig,
    image: string,
    signal: AbortSignal,
  ): Promise<RegistryCredentials | undefined> {
    const repository = imageRepository(image)
    // Helpers know Docker's own registry by the address that `docker login` stores.
    const registry = isDefaultRegistry(repository) ? 'https://index.docker.io/v1/' : repository.host
    const helper = credHelpers.get(registry) ?? credHelpers.get(repository.host) ?? credsStore
    if (helper === undefined) return undefined
    try {
      return await askCredentialHelper(helper, registry, signal)
    } catch (error) {
      if (!signal.aborted)
        this.#options.log.warn('A Docker credential helper is no help', { error: KubeletError.from(error) })
      return undefined
    }
  }
}

/** Any program may have a `config.json` in the folder that the agent was started in. */
function saysSomething({ entries, credsStore, credHelpers }: DockerConfig): boolean {
  return entries.length > 0 || credsStore !== undefined || credHelpers.size > 0
}
