import type { EngineEvent, HeldImage, ImageHold, PullOptions } from '../../src/engine/engine.ts'
import type { DockerCreateRequest, DockerResources } from '../../src/model/docker.ts'
import type { ContainerId, PodUid } from '../../src/model/ids.ts'
import type { ObservedObject } from '../../src/model/observed.ts'
import { FakeEngine, type EngineCall, type FakeEngineOptions } from '../fakes/fake-engine.ts'

export interface AgentEngineOptions extends FakeEngineOptions {
  /** Runs when a call has changed something in Docker and before its caller knows: throws to make the answer get lost. */
  readonly after: (call: EngineCall) => void
  /** What Docker shows of an object. */
  readonly show: (object: ObservedObject) => ObservedObject
  /** Waits to make an event late; `lost` when it never comes. */
  readonly beforeEvent: (event: EngineEvent) => Promise<'comes' | 'lost'>
}

/** The fake engine of one agent, with a way to come between Docker and the agent on the way back too. */
export class AgentEngine extends FakeEngine {
  readonly #agent: AgentEngineOptions

  constructor(options: AgentEngineOptions) {
    super(options)
    this.#agent = options
  }

  override async inspect(id: ContainerId, signal: AbortSignal): Promise<ObservedObject | undefined> {
    const object = await super.inspect(id, signal)
    return object && this.#agent.show(object)
  }

  override async create(request: DockerCreateRequest, signal: AbortSignal): Promise<ContainerId> {
    const id = await super.create(request, signal)
    this.#agent.after({ method: 'create', subject: request.name })
    return id
  }

  override async start(id: ContainerId, signal: AbortSignal): Promise<void> {
    await super.start(id, signal)
    this.#agent.after({ method: 'start', subject: id })
  }

  override async stop(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    await super.stop(id, graceSeconds, signal)
    this.#agent.after({ method: 'stop', subject: id })
  }

  override async update(id: ContainerId, resources: DockerResources, signal: AbortSignal): Promise<void> {
    await super.update(id, resources, signal)
    this.#agent.after({ method: 'update', subject: id })
  }

  override async remove(id: ContainerId, signal: AbortSignal): Promise<void> {
    await super.remove(id, signal)
    this.#agent.after({ method: 'remove', subject: id })
  }

  override async holdImage(hold: ImageHold, signal: AbortSignal): Promise<HeldImage> {
    const held = await super.holdImage(hold, signal)
    this.#agent.after({ method: 'holdImage', subject: hold.volumeName })
    return held
  }

  override async releaseImages(uid: PodUid, signal: AbortSignal): Promise<void> {
    await super.releaseImages(uid, signal)
    this.#agent.after({ method: 'releaseImages', subject: uid })
  }

  override async pullImage(reference: string, options: PullOptions, signal: AbortSignal): Promise<void> {
    await super.pullImage(reference, options, signal)
    this.#agent.after({ method: 'pullImage', subject: reference })
  }

  override async *events(signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    for await (const event of super.events(signal)) {
      if ((await this.#agent.beforeEvent(event)) === 'comes') yield event
    }
  }
}
