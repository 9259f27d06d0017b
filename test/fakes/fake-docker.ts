import { existsSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import type { EngineInfo, InspectedImage, RegistryCredentials } from '../../src/engine/engine.ts'
import type { DockerCreateRequest, DockerMount, DockerResources } from '../../src/model/docker.ts'
import { KubeletError, type ErrorCode } from '../../src/model/errors.ts'
import type { ImageId } from '../../src/model/ids.ts'
import type { PullProgress } from '../../src/model/pull-progress.ts'
import { FakeContainer, type Exit, type FakeCommand, type Program } from './fake-container.ts'
import { fakeImage, sha256, withTag } from './fake-image.ts'
import { FakeImageHolds } from './fake-image-holds.ts'

export interface FakeDockerOptions {
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number
  /** What a container does when it is started. Default: it runs until it is stopped. */
  readonly program?: (request: DockerCreateRequest) => Program
  /** What a command does that is executed in a container. Default: it ends with 0 at once, and says nothing. */
  readonly command?: (command: readonly string[], request: DockerCreateRequest) => FakeCommand
}

/** What the fake daemon tells to whoever listens. */
export type FakeDockerEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'image'; readonly atMs: number }
  | {
      readonly kind: 'container'
      readonly action: 'create' | 'start' | 'die' | 'oom' | 'destroy'
      readonly container: FakeContainer
      readonly atMs: number
    }

/** Docker makes no folder for what it is to bind, unless it is asked to. */
function requireSource(mount: DockerMount): void {
  if (mount.Type !== 'bind' || mount.BindOptions?.CreateMountpoint === true || existsSync(mount.Source)) return
  throw answer(400, 'invalid', `invalid mount config for type "bind": bind source path does not exist: ${mount.Source}`)
}

/** Docker takes no limit below it. */
const leastMemoryBytes = 6 * 1024 * 1024

const imagePattern = /^[a-z0-9]+(?:(?:[._:/]|-+|__)[a-z0-9]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/u

/** A Docker daemon in memory: containers, images, a registry. Nodes look at it through a `FakeEngine` each. */
export class FakeDocker {
  readonly now: () => number
  readonly holds = new FakeImageHolds()
  /** What it says of itself, where that is not the usual. */
  info: Partial<EngineInfo> = {}
  readonly #program: (request: DockerCreateRequest) => Program
  readonly #command: NonNullable<FakeDockerOptions['command']>
  readonly #containers = new Map<string, FakeContainer>()
  readonly #images = new Map<string, InspectedImage>()
  readonly #registry = new Map<string, InspectedImage | KubeletError>()
  readonly #passwords = new Map<string, string>()
  readonly #pulls = new Map<string, Set<(progress: PullProgress) => void>>()
  readonly #listeners = new Set<(event: FakeDockerEvent) => void>()
  #created = 0

  constructor(options: FakeDockerOptions = {}) {
    this.now = options.now ?? Date.now
    this.#program = options.program ?? (() => ({ kind: 'runs' }))
    this.#command = options.command ?? (() => ({ kind: 'ends', exitCode: 0 }))
  }

  get containers(): readonly FakeContainer[] {
    return [...this.#containers.values()]
  }

  get images(): readonly InspectedImage[] {
    return [...this.#images.values()]
  }

  /** The container with this id or name. */
  find(idOrName: string): FakeContainer | undefined {
    return this.#containers.get(idOrName) ?? this.containers.find((container) => container.request.name === idOrName)
  }

  /** The image under an id, a tag (`latest` if it has none) or a digest. Throws `invalid` for what is no name. */
  findImage(reference: string): InspectedImage | undefined {
    if (!imagePattern.test(reference)) throw answer(400, 'invalid', 'invalid reference format')
    const tag = withTag(reference)
    return this.images.find(
      ({ id, tags, digests }) => id === reference || tags.includes(tag) || digests.includes(reference),
    )
  }

  /** An image with these tags is there from now on. */
  addImage(...tags: readonly string[]): InspectedImage {
    return this.#keepImage(fakeImage(tags))
  }

  /** The image's USER; the id is that of before. */
  setUser(reference: string, user: string): void {
    const image = this.findImage(reference)
    if (image !== undefined) this.#keepImage({ ...image, user })
  }

  removeImage(reference: string): void {
    const image = this.findImage(reference)
    if (image !== undefined) this.#images.delete(image.id)
    this.#tell({ kind: 'image', atMs: this.now() })
  }

  usedImages(): ReadonlySet<ImageId> {
    return new Set([...this.containers.map((container) => container.imageId), ...this.holds.images])
  }

  removeUnused(id: ImageId): void {
    if (this.usedImages().has(id)) throw answer(409, 'conflict', `conflict: unable to delete ${id}`)
    this.removeImage(id)
  }

  /** What a pull of `reference` gets from now on: an image, or an error that it throws. */
  publish(reference: string, result: InspectedImage | KubeletError = fakeImage([reference])): void {
    this.#registry.set(reference, result)
  }

  /** From now on only the user `kubelet` gets `reference`, with this password. */
  guard(reference: string, password: string): void {
    this.#passwords.set(reference, password)
  }

  /** How far the pulls of `reference` that are under way have come; told to whoever pulls. */
  tellProgress(reference: string, progress: PullProgress): void {
    for (const listener of this.#pulls.get(reference) ?? []) listener(progress)
  }

  /** Calls `listener` with the progress of `reference` until the result is disposed. */
  listenToPull(reference: string, listener: (progress: PullProgress) => void): Disposable {
    const listeners = this.#pulls.get(reference) ?? new Set()
    this.#pulls.set(reference, listeners.add(listener))
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }

  pull(reference: string, credentials?: RegistryCredentials): void {
    this.findImage(reference) // throws if it is no name
    const password = this.#passwords.get(reference)
    if (password !== undefined && (credentials?.username !== 'kubelet' || credentials.password !== password)) {
      throw answer(500, 'internal', credentials === undefined ? 'no basic auth credentials' : 'unauthorized')
    }
    const result = this.#registry.get(reference)
    if (result instanceof KubeletError) throw result
    if (result === undefined) {
      throw answer(404, 'not-found', `manifest for ${reference} not found: manifest unknown: manifest unknown`)
    }
    this.#keepImage(result)
  }

  create(request: DockerCreateRequest): FakeContainer {
    const holder = this.find(request.name)
    if (holder !== undefined) {
      throw answer(
        409,
        'conflict',
        `Conflict. The container name "/${request.name}" is already in use by container "${holder.id}".`,
      )
    }
    const image = this.findImage(request.body.Image)
    if (image === undefined) throw answer(404, 'not-found', `No such image: ${request.body.Image}`)
    for (const mount of request.body.HostConfig.Mounts ?? []) requireSource(mount)
    const number = ++this.#created
    const container = new FakeContainer({
      id: sha256(`container ${number}`),
      request,
      imageId: image.id,
      createdAtMs: this.now(),
      program: this.#program(request),
      ip: `172.17.${number >> 8}.${number & 255}`,
    })
    this.#containers.set(container.id, container)
    this.#tellOf('create', container)
    return container
  }

  start(id: string): void {
    const container = this.#existing(id)
    if (container.running) return
    for (const mount of container.request.body.HostConfig.Mounts ?? []) requireSource(mount)
    const { program } = container
    const joined = container.request.body.HostConfig.NetworkMode.match(/^container:(.*)$/u)?.[1]
    if (joined !== undefined && !this.#existing(joined).running) {
      const message = `cannot join network of a non running container: ${joined}`
      container.failedToStart(message, 128)
      throw answer(409, 'conflict', message)
    }
    if (program.kind === 'cannot-run') {
      container.failedToStart(program.message, 127)
      throw answer(400, 'invalid', program.message)
    }
    container.started(this.now())
    const stream = program.kind === 'exits' ? program.stream : undefined
    container.log.write(program.output ?? '', stream ?? 'stdout', this.now())
    this.#tellOf('start', container)
    if (program.kind === 'exits') this.exit(id, program)
  }

  /** The container's process ends. */
  exit(id: string, exit: Exit): void {
    const container = this.#existing(id)
    container.exited(exit, this.now())
    if (exit.oomKilled === true) this.#tellOf('oom', container)
    this.#tellOf('die', container)
  }

  /** What a command does that is executed in a container now. */
  exec(id: string, command: readonly string[]): FakeCommand {
    const container = this.#existing(id)
    if (!container.running) throw answer(409, 'conflict', `Container ${id} is not running`)
    if (command.length === 0) throw answer(400, 'invalid', 'No exec command specified')
    return this.#command(command, container.request)
  }

  /** Who listens on a port of the running container, if anybody does. */
  listener(id: string, port: number): ((connection: Duplex) => void) | undefined {
    const { running, program } = this.#existing(id)
    if (!running || program.kind !== 'runs') throw answer(409, 'conflict', `container not running (${id})`)
    return program.ports?.[port]
  }

  /** What the running container does with whoever attaches to it. */
  attach(id: string): Extract<Program, { kind: 'runs' }> {
    const { running, program } = this.#existing(id)
    if (!running || program.kind !== 'runs') throw answer(409, 'conflict', `Container ${id} is not running`)
    return program
  }

  /** Docker learns that the end of a container, which it has told of, was for want of memory. */
  findOutOfMemory(id: string): void {
    const container = this.#existing(id)
    container.findOutOfMemory()
    this.#tellOf('oom', container)
  }

  stop(id: string): void {
    const container = this.find(id)
    if (container?.running !== true) return
    if (container.program.kind === 'runs') container.log.write(container.program.lastOutput ?? '', 'stdout', this.now())
    this.exit(id, { exitCode: container.program.kind === 'runs' ? (container.program.exitCode ?? 137) : 0 })
  }

  update(id: string, resources: DockerResources): void {
    const container = this.#existing(id)
    const { Memory: memory = 0 } = resources
    if (memory > 0 && memory < leastMemoryBytes) throw answer(400, 'invalid', 'Minimum memory limit allowed is 6MB')
    if (memory > 0 && container.running && memory < container.memoryBytes) {
      throw answer(500, 'invalid', `Cannot update container ${id}: device or resource busy`)
    }
    container.update(resources)
  }

  memoryUsage(id: string): number | undefined {
    const container = this.#existing(id)
    return container.running ? container.memoryBytes : undefined
  }

  remove(id: string): void {
    const container = this.find(id)
    if (container === undefined) return
    if (container.running) this.exit(id, { exitCode: 137 })
    this.#containers.delete(container.id)
    this.#tellOf('destroy', container)
  }

  /** Calls `listener` for what happens until the result is disposed; first of all with `connected`. */
  listen(listener: (event: FakeDockerEvent) => void): Disposable {
    this.#listeners.add(listener)
    listener({ kind: 'connected' })
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Every stream of events breaks and stands again. */
  reconnect(): void {
    this.#tell({ kind: 'connected' })
  }

  #keepImage(image: InspectedImage): InspectedImage {
    this.#images.set(image.id, image)
    this.#tell({ kind: 'image', atMs: this.now() })
    return image
  }

  #existing(id: string): FakeContainer {
    const container = this.find(id)
    if (container === undefined) throw answer(404, 'not-found', `No such container: ${id}`)
    return container
  }

  #tellOf(action: 'create' | 'start' | 'die' | 'oom' | 'destroy', container: FakeContainer): void {
    this.#tell({ kind: 'container', action, container, atMs: this.now() })
  }

  #tell(event: FakeDockerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function answer(status: number, code: ErrorCode, message: string): KubeletError {
  return new KubeletError(code, message, { status })
}
