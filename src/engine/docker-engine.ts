import type { Duplex } from 'node:stream'
import type { DockerCreateRequest, DockerResources } from '../model/docker.ts'
import { KubeletError } from '../model/errors.ts'
import { containerId, type ContainerId, type ImageId, type PodUid } from '../model/ids.ts'
import { labels } from '../model/labels.ts'
import type { ObservedObject } from '../model/observed.ts'
import type { ContainerUsage } from '../model/usage.ts'
import { dial } from './connection/dial.ts'
import { DockerConnection } from './connection/docker-connection.ts'
import { dockerEvents } from './docker-events.ts'
import { execCommand } from './docker-exec.ts'
import type { DockerHost } from './connection/docker-host.ts'
import { holdImage, releaseImages } from './docker-image-holds.ts'
import { inspectImage, listImages, removeImage, usedImages } from './docker-images.ts'
import { observeInfo } from './docker-info.ts'
import { asList, asObject, booleanAt, objectAt, textAt, type JsonObject } from './docker-json.ts'
import { removeContainer, startContainer, stopContainer } from './docker-lifecycle.ts'
import { networkDriver } from './docker-network.ts'
import { observe, summarize, withImage } from './docker-observe.ts'
import { loadImage, pullImage } from './docker-pull.ts'
import { containerUsage, memoryUsage, updateResources } from './docker-resources.ts'
import type {
  Engine,
  EngineEvent,
  EngineImage,
  InspectedImage,
  EngineInfo,
  EngineSummary,
  ExecOptions,
  ExecResult,
  HeldImage,
  ImageHold,
  PullOptions,
} from './engine.ts'
import { ImageCache } from './image-cache.ts'
import type { ContainerSession, ExecSessionRequest, SessionStreams } from './streams/container-session.ts'
import type { DockerDials } from './streams/docker-dial.ts'
import { attach, openExec } from './streams/docker-sessions.ts'
import { containerLogs, logTail } from './streams/docker-logs.ts'
import type { OutputPart } from './streams/frame-reader.ts'
import type { LogOptions } from './streams/logs.ts'

/** Images that are remembered; a node runs Pods of a few dozen. */
const rememberedImages = 256
const usualRequestTimeoutMs = 120_000
const usualPullProgressDeadlineMs = 60_000

export interface DockerEngineOptions {
  readonly host: DockerHost
  /** Value of the label `minikubelet.node` on all that this engine sees. */
  readonly nodeName: string
  /**
   * A call that Docker should answer at once has failed after it. Default 2 minutes, the
   * kubelet's `runtimeRequestTimeout`.
   */
  readonly requestTimeoutMs?: number
  /** A pull that says nothing new for so long is ended. Default 1 minute, the kubelet's `--image-pull-progress-deadline`. */
  readonly pullProgressDeadlineMs?: number
  /**
   * Whether processes of Docker's may be looked for on this host. Default: yes; they are not
   * found where Docker is elsewhere.
   */
  readonly seesHost?: boolean
}

/** The engine port on a Docker daemon, by way of dockerode. Dispose it to close its connections. */
export class DockerEngine implements Engine, Disposable {
  readonly #connection: DockerConnection
  readonly #node: string
  readonly #pullProgressDeadlineMs: number
  readonly #images = new ImageCache(rememberedImages)
  readonly #seesHost: boolean
  #dials: DockerDials | undefined

  private constructor(connection: DockerConnection, options: DockerEngineOptions) {
    this.#connection = connection
    this.#node = options.nodeName
    this.#seesHost = options.seesHost ?? true
    this.#pullProgressDeadlineMs = options.pullProgressDeadlineMs ?? usualPullProgressDeadlineMs
  }

  /**
   * Connects. Throws `unavailable` when Docker does not answer, `unsupported` when no API version is common to both
   * sides, `configuration` when a certificate can't be read.
   */
  static async connect(options: DockerEngineOptions, signal: AbortSignal): Promise<DockerEngine> {
    const { host, requestTimeoutMs = usualRequestTimeoutMs } = options
    return new DockerEngine(await DockerConnection.open({ host, requestTimeoutMs }, signal), options)
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const answer = await this.#connection.ask(
      { what: 'Ask Docker about itself' },
      (docker, abortSignal) => dial(docker, { path: '/info' }, abortSignal),
      signal,
    )
    return observeInfo(answer, this.#connection.apiVersion)
  }

  networkDriver(network: string, signal: AbortSignal): Promise<string | undefined> {
    return networkDriver(this.#connection, network, signal)
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#connection.ask(
      { what: 'Ping Docker' },
      (docker, abortSignal) => dial(docker, { path: '/_ping' }, abortSignal),
      signal,
    )
  }

  async list(signal: AbortSignal): Promise<readonly EngineSummary[]> {
    const filters = JSON.stringify({ label: [`${labels.node}=${this.#node}`] })
    const answer = await this.#connection.ask(
      { what: 'List containers' },
      (docker, abortSignal) => docker.listContainers({ abortSignal, all: true, filters }),
      signal,
    )
    return asList(answer, 'containers').flatMap((container) => summarize(container, this.#node) ?? [])
  }

  async inspect(id: ContainerId, signal: AbortSignal): Promise<ObservedObject | undefined> {
    const observed = observe(await this.#inspect(id, signal), this.#node)
    if (observed?.kind !== 'container') return observed
    const image = await this.inspectImage(observed.imageId, signal)
    return image === undefined ? observed : withImage(observed, image)
  }

  async create(request: DockerCreateRequest, signal: AbortSignal): Promise<ContainerId> {
    const { name, body } = request
    try {
      const answer = await this.#connection.ask(
        { what: `Create container "${name}"` },
        (docker, abortSignal) => {
          // docker-modem's own keys for what goes into the URL and what into the body; dockerode's types don't have them.
          const options = { _query: { name }, _body: body, abortSignal }
          return docker.createContainer(options)
        },
        signal,
      )
      return containerId(textAt(asObject(answer, 'container'), 'id'))
    } catch (error) {
      // An image that was there is there no more: nothing that is remembered of images can be trusted.
      if (KubeletError.is(error, 'not-found')) this.#images.forget()
      throw error
    }
  }

  async findByName(name: string, signal: AbortSignal): Promise<ContainerId | undefined> {
    return observe(await this.#inspect(name, signal), this.#node)?.id
  }

  start(id: ContainerId, signal: AbortSignal): Promise<void> {
    return startContainer(this.#connection, id, signal)
  }

  stop(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    return stopContainer(this.#connection, id, graceSeconds, signal)
  }

  update(id: ContainerId, resources: DockerResources, signal: AbortSignal): Promise<void> {
    return updateResources(this.#connection, id, resources, signal)
  }

  memoryUsage(id: ContainerId, signal: AbortSignal): Promise<number | undefined> {
    return memoryUsage(this.#connection, id, signal)
  }

  containerUsage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    return containerUsage(this.#connection, id, signal)
  }

  remove(id: ContainerId, signal: AbortSignal): Promise<void> {
    return removeContainer(this.#connection, id, signal)
  }

  inspectImage(reference: string, signal: AbortSignal): Promise<InspectedImage | undefined> {
    return inspectImage(this.#connection, this.#images, reference, signal)
  }

  listImages(signal: AbortSignal): Promise<readonly EngineImage[]> {
    return listImages(this.#connection, signal)
  }

  usedImages(signal: AbortSignal): Promise<ReadonlySet<ImageId>> {
    return usedImages(this.#connection, signal)
  }

  async removeImage(image: EngineImage, signal: AbortSignal): Promise<void> {
    try {
      await removeImage(this.#connection, image, signal)
    } finally {
      this.#images.forget()
    }
  }

  async pullImage(reference: string, options: PullOptions, signal: AbortSignal): Promise<void> {
    const request = { ...options, reference, progressDeadlineMs: this.#pullProgressDeadlineMs }
    await pullImage(this.#connection, request, signal)
    this.#images.forget()
  }

  async loadImage(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await loadImage(this.#connection, archive, signal)
    this.#images.forget()
  }

  holdImage(hold: ImageHold, signal: AbortSignal): Promise<HeldImage> {
    return holdImage(this.#connection, this.#node, hold, signal)
  }

  releaseImages(uid: PodUid, signal: AbortSignal): Promise<void> {
    return releaseImages(this.#connection, this.#node, uid, signal)
  }

  async logTail(id: ContainerId, lines: number, signal: AbortSignal): Promise<string> {
    const tty = await this.#hasTerminal(id, signal)
    return await logTail(this.#connection, { id, tailLines: lines, tty }, signal)
  }

  async logs(id: ContainerId, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<OutputPart>> {
    const tty = await this.#hasTerminal(id, signal)
    const isRunning = async (asking: AbortSignal): Promise<boolean> =>
      observe(await this.#inspect(id, asking), this.#node)?.state.phase === 'running'
    return await containerLogs(this.#connection, { ...options, id, tty, isRunning }, signal)
  }

  exec(id: ContainerId, command: readonly string[], options: ExecOptions, signal: AbortSignal): Promise<ExecResult> {
    return execCommand(this.#connection, { ...options, id, command }, signal)
  }

  openExec(id: ContainerId, request: ExecSessionRequest, signal: AbortSignal): Promise<ContainerSession> {
    return openExec(this.#connection, id, request, signal)
  }

  attach(id: ContainerId, streams: SessionStreams, signal: AbortSignal): Promise<ContainerSession> {
    return attach(this.#connection, id, streams, signal)
  }

  async dial(sandbox: ContainerId, port: number, signal: AbortSignal): Promise<Duplex> {
    const container = await this.#inspectOwn(sandbox, signal)
    // Loaded only here: an agent of which nobody forwards ports does without.
    const { DockerDials } = await import('./streams/docker-dial.ts')
    this.#dials ??= new DockerDials(this.#connection, { seesHost: this.#seesHost })
    return await this.#dials.dial(sandbox, container, port, signal)
  }

  events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    return dockerEvents({ connection: this.#connection, node: this.#node, images: this.#images }, signal)
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]()
  }

  /** Whether a container of this node has a terminal. Throws `not-found` where there is no such container. */
  async #hasTerminal(id: ContainerId, signal: AbortSignal): Promise<boolean> {
    return booleanAt(objectAt(await this.#inspectOwn(id, signal), 'Config'), 'Tty')
  }

  /** Docker's JSON for a container of this node. Throws `not-found`. */
  async #inspectOwn(id: ContainerId, signal: AbortSignal): Promise<JsonObject> {
    const container = await this.#inspect(id, signal)
    if (observe(container, this.#node) === undefined) throw new KubeletError('not-found', `No such container: ${id}`)
    return container
  }

  /** Docker's JSON for a container, by id or name; an empty object when there is none. */
  async #inspect(idOrName: string, signal: AbortSignal): Promise<JsonObject> {
    try {
      const answer = await this.#connection.ask(
        { what: `Inspect container ${idOrName}` },
        (docker, abortSignal) => docker.getContainer(idOrName).inspect({ abortSignal }),
        signal,
      )
      return asObject(answer, 'container')
    } catch (error) {
      if (KubeletError.is(error, 'not-found')) return {}
      throw error
    }
  }
}
