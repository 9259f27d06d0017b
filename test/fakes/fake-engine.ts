import type { Duplex } from 'node:stream'
import { observe, summarize, withImage } from '../../src/engine/docker-observe.ts'
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
} from '../../src/engine/engine.ts'
import type {
  ContainerSession,
  ExecSessionRequest,
  SessionStreams,
} from '../../src/engine/streams/container-session.ts'
import type { OutputPart } from '../../src/engine/streams/frame-reader.ts'
import type { LogOptions } from '../../src/engine/streams/logs.ts'
import type { DockerCreateRequest, DockerResources } from '../../src/model/docker.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { containerId, type ContainerId, type ImageId, type PodUid } from '../../src/model/ids.ts'
import type { ObservedObject } from '../../src/model/observed.ts'
import type { ContainerUsage } from '../../src/model/usage.ts'
import { abortable } from '../../src/util/abortable.ts'
import { EventQueue } from './event-queue.ts'
import type { FakeContainer } from './fake-container.ts'
import type { FakeDocker, FakeDockerEvent } from './fake-docker.ts'
import { fakeConnection } from './fake-connection.ts'
import { FakeSession, keptOutput, talkOf, type FakeTerminal } from './fake-session.ts'
import { usageOf } from './fake-usage.ts'
import { tagsIn } from './image-archive.ts'
import { timeUpOrEnd } from './time-up.ts'
import { usualInfo } from './usual-info.ts'

export type EngineMethod = Exclude<keyof Engine, 'events'>

/**
 * A call that was made: its method, and the id, name or reference that it was about; of `stop` the grace too,
 * `<id> <seconds>`, of `exec` the command, of `update` what changes.
 */
export interface EngineCall {
  readonly method: EngineMethod
  readonly subject: string
}

export interface FakeEngineOptions {
  readonly docker: FakeDocker
  readonly nodeName: string
  /**
   * Runs before each call takes effect: throws to make it fail, waits to make it last. The signal is the call's; when
   * it fires, the call throws `aborted` whatever this is waiting for.
   */
  readonly before?: (call: EngineCall, signal: AbortSignal) => void | Promise<void>
  /** What `info` says, where it differs from the usual. */
  readonly info?: Partial<EngineInfo>
}

const abortedMessage = 'The call to Docker was aborted'

/** The engine port on a `FakeDocker`. It passes the suite that the real one passes (test/contract/engine.contract.ts). */
export class FakeEngine implements Engine {
  readonly #options: FakeEngineOptions
  readonly #docker: FakeDocker
  readonly #calls: EngineCall[] = []
  readonly #failures = new Map<EngineMethod, KubeletError[]>()

  constructor(options: FakeEngineOptions) {
    this.#options = options
    this.#docker = options.docker
  }

  /** Every call that was made so far, in order. */
  get calls(): readonly EngineCall[] {
    return this.#calls
  }

  /** How often `method` was called. */
  count(method: EngineMethod): number {
    return this.#calls.filter((call) => call.method === method).length
  }

  /** The next call of `method` throws `error` and does nothing else; said twice, the next two do. */
  failNext(method: EngineMethod, error: KubeletError): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), error])
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    await this.#enter('info', '', signal)
    return { ...usualInfo, ...this.#docker.info, ...this.#options.info }
  }

  async networkDriver(network: string, signal: AbortSignal): Promise<string | undefined> {
    await this.#enter('networkDriver', network, signal)
    return { bridge: 'bridge', host: 'host', none: 'null' }[network]
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#enter('ping', '', signal)
  }

  async list(signal: AbortSignal): Promise<readonly EngineSummary[]> {
    await this.#enter('list', '', signal)
    const { nodeName } = this.#options
    return this.#docker.containers.flatMap((container) => summarize(container.toSummary(), nodeName) ?? [])
  }

  async inspect(id: ContainerId, signal: AbortSignal): Promise<ObservedObject | undefined> {
    await this.#enter('inspect', id, signal)
    const observed = this.#observe(id)
    if (observed?.kind !== 'container') return observed
    const image = this.#docker.findImage(observed.imageId)
    return image === undefined ? observed : withImage(observed, image)
  }

  async create(request: DockerCreateRequest, signal: AbortSignal): Promise<ContainerId> {
    await this.#enter('create', request.name, signal)
    return containerId(this.#docker.create(request).id)
  }

  async findByName(name: string, signal: AbortSignal): Promise<ContainerId | undefined> {
    await this.#enter('findByName', name, signal)
    return this.#observe(name)?.id
  }

  async start(id: ContainerId, signal: AbortSignal): Promise<void> {
    await this.#enter('start', id, signal)
    this.#docker.start(id)
  }

  async stop(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    await this.#enter('stop', `${id} ${graceSeconds}`, signal)
    const container = this.#docker.find(id)
    const lastsMs = container?.program.kind === 'runs' ? (container.program.endsAfterMs ?? 0) : 0
    const graceMs = graceSeconds * 1000
    if (container?.running === true && lastsMs > 0) {
      const timeIsUp = await abortable(
        timeUpOrEnd(this.#docker, id, Math.min(lastsMs, graceMs)),
        signal,
        abortedMessage,
      )
      if (timeIsUp && lastsMs > graceMs) this.#docker.exit(id, { exitCode: 137 })
    }
    this.#docker.stop(id)
  }

  async update(id: ContainerId, resources: DockerResources, signal: AbortSignal): Promise<void> {
    const changes = Object.entries(resources).map(([name, value]) => `${name}=${value}`)
    await this.#enter('update', [id, ...changes].join(' '), signal)
    this.#docker.update(id, resources)
  }

  async memoryUsage(id: ContainerId, signal: AbortSignal): Promise<number | undefined> {
    await this.#enter('memoryUsage', id, signal)
    return this.#docker.memoryUsage(id)
  }

  async containerUsage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    await this.#enter('containerUsage', id, signal)
    const bytes = this.#docker.memoryUsage(id)
    return bytes === undefined ? undefined : usageOf(bytes, this.#docker.find(id)?.resources.Memory ?? 0)
  }

  async remove(id: ContainerId, signal: AbortSignal): Promise<void> {
    await this.#enter('remove', id, signal)
    this.#docker.remove(id)
  }

  async inspectImage(reference: string, signal: AbortSignal): Promise<InspectedImage | undefined> {
    await this.#enter('inspectImage', reference, signal)
    return this.#docker.findImage(reference)
  }

  async listImages(signal: AbortSignal): Promise<readonly EngineImage[]> {
    await this.#enter('listImages', '', signal)
    return this.#docker.images.map(({ id, tags, digests, sizeBytes }) => ({ id, tags, digests, sizeBytes }))
  }

  async usedImages(signal: AbortSignal): Promise<ReadonlySet<ImageId>> {
    await this.#enter('usedImages', '', signal)
    return this.#docker.usedImages()
  }

  async removeImage({ id, tags }: EngineImage, signal: AbortSignal): Promise<void> {
    await this.#enter('removeImage', tags[0] ?? id, signal)
    this.#docker.removeUnused(id)
  }

  async pullImage(reference: string, options: PullOptions, signal: AbortSignal): Promise<void> {
    using _ = this.#docker.listenToPull(reference, options.onProgress ?? (() => undefined))
    await this.#enter('pullImage', reference, signal)
    this.#docker.pull(reference, options.credentials)
  }

  async loadImage(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#enter('loadImage', '', signal)
    for (const tags of await tagsIn(archive)) this.#docker.addImage(...tags)
  }

  async holdImage(hold: ImageHold, signal: AbortSignal): Promise<HeldImage> {
    await this.#enter('holdImage', `${hold.volumeName} ${hold.image}`, signal)
    const { nodeName } = this.#options
    const image = this.#docker.findImage(hold.image)
    const known = this.#docker.holds.find(nodeName, hold)
    if (known !== undefined) return known
    if (image === undefined) throw new KubeletError('not-found', `No such image: ${hold.image}`, { status: 404 })
    return this.#docker.holds.add(nodeName, hold, image)
  }

  async releaseImages(uid: PodUid, signal: AbortSignal): Promise<void> {
    await this.#enter('releaseImages', uid, signal)
    this.#docker.holds.release(this.#options.nodeName, uid)
  }

  async logTail(id: ContainerId, lines: number, signal: AbortSignal): Promise<string> {
    await this.#enter('logTail', id, signal)
    return (this.#own(id).log.text.match(/[^\n]*\n|[^\n]+$/gu) ?? []).slice(-lines).join('')
  }

  async logs(id: ContainerId, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<OutputPart>> {
    await this.#enter('logs', id, signal)
    return this.#own(id).log.read(options, signal)
  }

  async exec(
    id: ContainerId,
    command: readonly string[],
    { timeoutMs, maxOutputBytes = 10 * 1024 }: ExecOptions,
    signal: AbortSignal,
  ): Promise<ExecResult> {
    await this.#enter('exec', [id, ...command].join(' '), signal)
    const run = this.#docker.exec(id, command)
    if (run.kind === 'talks') throw new Error('A command that talks needs a session')
    const output = keptOutput(run, maxOutputBytes)
    if (run.kind === 'ends') return { kind: 'exited', exitCode: run.exitCode, output }
    const timedOut = await abortable(timeUpOrEnd(this.#docker, id, timeoutMs), signal, abortedMessage)
    return timedOut ? { kind: 'timed-out', output } : { kind: 'exited', exitCode: 137, output }
  }

  async openExec(id: ContainerId, request: ExecSessionRequest, signal: AbortSignal): Promise<ContainerSession> {
    await this.#enter('openExec', [id, ...request.command].join(' '), signal)
    const run = this.#docker.exec(id, request.command)
    const talk = talkOf(run, () => timeUpOrEnd(this.#docker, id, undefined))
    return new FakeSession(request, talk, signal)
  }

  async attach(id: ContainerId, streams: SessionStreams, signal: AbortSignal): Promise<ContainerSession> {
    await this.#enter('attach', id, signal)
    const program = this.#docker.attach(id)
    const talk = async (terminal: FakeTerminal): Promise<undefined> => {
      if (program.talk === undefined) await timeUpOrEnd(this.#docker, id, undefined)
      else this.#docker.exit(id, { exitCode: (await program.talk(terminal)) ?? 0 })
    }
    return new FakeSession(streams, talk, signal)
  }

  async dial(sandbox: ContainerId, port: number, signal: AbortSignal): Promise<Duplex> {
    await this.#enter('dial', `${sandbox} ${port}`, signal)
    this.#own(sandbox)
    return fakeConnection(this.#docker, { sandbox, port, signal })
  }

  async *events(signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    const queue = new EventQueue<FakeDockerEvent>()
    using _ = this.#docker.listen((event) => queue.push(event))
    for await (const event of queue.read(signal)) {
      if (event.kind !== 'container') {
        yield event
        continue
      }
      const { action, container, atMs } = event
      const owner = observe(container.toInspect(), this.#options.nodeName)?.owner
      if (owner !== undefined)
        yield { kind: 'container', action, id: containerId(container.id), podUid: owner.podUid, atMs }
    }
  }

  async #enter(method: EngineMethod, subject: string, signal: AbortSignal): Promise<void> {
    const call = { method, subject }
    this.#calls.push(call)
    await abortable(Promise.resolve(this.#options.before?.(call, signal)), signal, abortedMessage)
    const failure = this.#failures.get(method)?.shift()
    if (failure !== undefined) throw failure
  }

  /** A container of this node, which is there. */
  #own(id: ContainerId): FakeContainer {
    const container = this.#observe(id) && this.#docker.find(id)
    if (container === undefined) throw new KubeletError('not-found', `No such container: ${id}`, { status: 404 })
    return container
  }

  #observe(idOrName: string): ObservedObject | undefined {
    const container = this.#docker.find(idOrName)
    return container && observe(container.toInspect(), this.#options.nodeName)
  }
}
