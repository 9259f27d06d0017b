import type { Duplex } from 'node:stream'
import type { JsonObject } from '../../src/engine/docker-json.ts'
import type { OutputStream } from '../../src/engine/streams/frame-reader.ts'
import type { DockerCreateRequest, DockerResources } from '../../src/model/docker.ts'
import type { ImageId } from '../../src/model/ids.ts'
import type { FakeTalk } from './fake-session.ts'
import { FakeLog } from './fake-log.ts'

/** What a container does when it is started. */
export type Program =
  /**
   * Runs until it is stopped, and ends with `exitCode` then; 137 by default, as one that had to be killed. After its stop
   * signal it takes `endsAfterMs`, by default no time; when its grace is over before, it is killed.
   */
  | {
      readonly kind: 'runs'
      readonly exitCode?: number
      readonly output?: string
      readonly endsAfterMs?: number
      /** What it does with whoever attaches. By default nothing: it listens to nobody. With its end the container ends. */
      readonly talk?: FakeTalk
      /** What it writes on its stop signal. */
      readonly lastOutput?: string
      /** Who listens on its ports, to be given the server's side of each connection. */
      readonly ports?: Readonly<Record<number, (connection: Duplex) => void>>
    }
  /** Ends at once. */
  | { readonly kind: 'exits'; readonly exitCode: number; readonly output?: string; readonly stream?: OutputStream }
  /** Docker fails to start it, with this text. */
  | { readonly kind: 'cannot-run'; readonly message: string }

/** What a command that is executed in a container does. */
export type FakeCommand =
  | { readonly kind: 'ends'; readonly exitCode: number; readonly output?: string; readonly errors?: string }
  /** Goes on until its container ends. */
  | { readonly kind: 'hangs'; readonly output?: string }
  /** Reads and writes; only in a session. */
  | { readonly kind: 'talks'; readonly talk: FakeTalk }

/** How a container ended. */
export interface Exit {
  readonly exitCode: number
  readonly oomKilled?: boolean
}

export interface FakeContainerOptions {
  readonly id: string
  readonly request: DockerCreateRequest
  readonly imageId: ImageId
  readonly createdAtMs: number
  readonly program: Program
  /** The address that it gets in Docker's own network. */
  readonly ip: string
}

/** A container of the fake daemon, which tells of itself in Docker's JSON. */
export class FakeContainer {
  readonly id: string
  readonly request: DockerCreateRequest
  readonly program: Program
  readonly log = new FakeLog()
  /** What it uses while it runs. */
  memoryBytes = 1_000_000
  readonly #options: FakeContainerOptions
  #status: 'created' | 'running' | 'exited' = 'created'
  #startedAtMs: number | undefined
  #finishedAtMs: number | undefined
  #exitCode = 0
  #oomKilled = false
  #error = ''
  #updates: DockerResources = {}

  constructor(options: FakeContainerOptions) {
    this.id = options.id
    this.request = options.request
    this.program = options.program
    this.#options = options
  }

  get imageId(): ImageId {
    return this.#options.imageId
  }

  get running(): boolean {
    return this.#status === 'running'
  }

  /** What it ended with the last time; 0 before. */
  get exitCode(): number {
    return this.#exitCode
  }

  started(atMs: number): void {
    this.#status = 'running'
    this.log.setEnded(false)
    this.#startedAtMs = atMs
    this.#finishedAtMs = undefined
    this.#exitCode = 0
    this.#error = ''
  }

  exited(exit: Exit, atMs: number): void {
    this.#status = 'exited'
    this.log.setEnded(true)
    this.#finishedAtMs = atMs
    this.#exitCode = exit.exitCode
    this.#oomKilled = exit.oomKilled ?? false
  }

  /** What it may have now. */
  get resources(): DockerResources {
    const { CpuShares = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0 } = this.request.body.HostConfig
    return { CpuShares, CpuPeriod, CpuQuota, Memory, MemorySwap, ...this.#updates }
  }

  /** To Docker 0 means no change. */
  update(resources: DockerResources): void {
    const changes = Object.entries(resources).filter(([, value]) => value !== 0)
    this.#updates = { ...this.#updates, ...Object.fromEntries(changes) }
  }

  findOutOfMemory(): void {
    this.#oomKilled = true
  }

  /** Docker has tried to start it: it stays as it was, with the error noted. */
  failedToStart(error: string, exitCode: number): void {
    this.#error = error
    this.#exitCode = exitCode
  }

  /** As `GET /containers/ID/json` has it. */
  toInspect(): JsonObject {
    const { request, imageId, createdAtMs, ip } = this.#options
    const { HostConfig: hostConfig } = request.body
    const inBridge = this.running && hostConfig.NetworkMode === 'default'
    return {
      Id: this.id,
      Created: goTime(createdAtMs),
      Image: imageId,
      Config: { Image: request.body.Image, Labels: request.body.Labels },
      HostConfig: {
        NetworkMode: hostConfig.NetworkMode,
        Runtime: hostConfig.Runtime ?? 'runc',
        DeviceRequests: hostConfig.DeviceRequests ?? null,
        ...this.resources,
      },
      State: {
        Status: this.#status,
        Running: this.running,
        Pid: this.running ? 4242 : 0,
        ExitCode: this.#exitCode,
        OOMKilled: this.#oomKilled,
        Error: this.#error,
        StartedAt: goTime(this.#startedAtMs),
        FinishedAt: goTime(this.#finishedAtMs),
      },
      NetworkSettings: { Networks: inBridge ? { bridge: { IPAddress: ip, GlobalIPv6Address: '' } } : {} },
      Mounts: hostConfig.Mounts?.map((mount) => ({ Source: mount.Source, Destination: mount.Target })),
    }
  }

  /** As an entry of `GET /containers/json` has it. */
  toSummary(): JsonObject {
    return { Id: this.id, Labels: this.request.body.Labels, State: this.#status }
  }
}

function goTime(atMs: number | undefined): string {
  return atMs === undefined ? '0001-01-01T00:00:00Z' : new Date(atMs).toISOString()
}
