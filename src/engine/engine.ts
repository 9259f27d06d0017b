/**
 * The engine port: everything that the agent asks of Docker, in the agent's own types.
 *
 * Promises that hold for every method: it throws `KubeletError` only; `signal` ends the waiting and throws `aborted` (a
 * request that Docker has already taken may still take effect); nothing is retried inside, except where said. Where
 * Docker has answered with an error, its `status` is set and its message is Docker's own text, nothing else; Docker's
 * tools, and so the kubelet, show that as `Error response from daemon: <text>`.
 * An engine is bound to one node name when it is made: it sees the objects labelled with that node, and no others.
 * The fake (test/fakes/fake-engine.ts) and the real one pass the same suite (test/contract/engine.contract.ts).
 */
import type { PodAllocation } from '../model/allocation.ts'
import type { DockerCreateRequest, DockerResources } from '../model/docker.ts'
import type { ContainerId, ImageId, PodUid } from '../model/ids.ts'
import type { ObservedObject, ObservedOwner } from '../model/observed.ts'
import type { ContainerUsage } from '../model/usage.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { ContainerSessions } from './streams/container-session.ts'
import type { ContainerLogs } from './streams/logs.ts'
import type { PortDialing } from './streams/dial.ts'

export interface EngineInfo {
  /** Docker's version, `20.10.24`. */
  readonly version: string
  /** The API version that is spoken with it, `1.41`. */
  readonly apiVersion: string
  readonly operatingSystem: string
  readonly kernelVersion: string
  /** Docker's word for it: `x86_64`, `aarch64`. */
  readonly architecture: string
  readonly cpus: number
  readonly memoryBytes: number
  /** The host's name as Docker sees it; differs from ours when Docker is elsewhere. */
  readonly hostname: string
  /** Docker's data root on its host. */
  readonly rootDirectory: string
  /** OCI runtimes that the daemon knows, by name. */
  readonly runtimes: readonly string[]
  readonly defaultRuntime: string
  /** Of them, those that can make a mount read-only together with what is mounted beneath it. */
  readonly recursiveReadOnlyRuntimes: readonly string[]
  readonly cgroupDriver: string
  readonly cgroupVersion: '1' | '2'
  readonly loggingDriver: string
  /** What Docker keeps images with: `overlay2`, `vfs`, …; `overlayfs` is containerd's. */
  readonly storageDriver: string
  /** What the daemon confines containers with: `apparmor`, `seccomp`, `selinux`. */
  readonly securityOptions: readonly string[]
}

/** One object of this node as a list shows it: enough to see that something changed. */
export interface EngineSummary {
  readonly id: ContainerId
  readonly owner: ObservedOwner
  readonly phase: 'created' | 'running' | 'exited'
  /** Of a sandbox: what its Pod had been given when it was created; left out where it asks for nothing. */
  readonly allocation?: PodAllocation
}

export interface EngineImage {
  readonly id: ImageId
  readonly tags: readonly string[]
  readonly digests: readonly string[]
  readonly sizeBytes: number
}

/** An image with what it brings for its containers, of which a list does not tell. */
export interface InspectedImage extends EngineImage {
  /** Its USER as it is written, `nginx`, `1000`, `1000:1000`; empty for none. */
  readonly user: string
}

/** An image that a volume of a Pod shows. */
export interface ImageHold {
  readonly owner: ObservedOwner
  readonly volumeName: string
  /** Name, digest or id. */
  readonly image: string
}

export interface HeldImage {
  /** The image that is held. */
  readonly image: ImageId
  /** The folders of its layers on Docker's host, the uppermost first; not to be written to. */
  readonly layers: readonly string[]
  /** It was not held before. */
  readonly isNew: boolean
}

/** What happened in Docker to one of this node's objects, or to any image. */
export type EngineEvent =
  /**
   * The stream stands (again): what happened before it is unknown, so list. Always the first
   * event, and after each reconnect.
   */
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'container'
      readonly action: 'create' | 'start' | 'die' | 'oom' | 'destroy'
      readonly id: ContainerId
      readonly podUid: PodUid
      readonly atMs: number
    }
  /** An image came, went or was tagged otherwise: whatever was known of images may be stale. */
  | { readonly kind: 'image'; readonly atMs: number }

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
  readonly serverAddress: string
}

export interface PullOptions {
  readonly credentials?: RegistryCredentials
  /** Told how far the pull has come, often: whenever Docker says something new, once it has named layers. */
  readonly onProgress?: (progress: PullProgress) => void
}

export interface ExecOptions {
  /** How long the caller waits, in milliseconds. Without it: until the command has ended. */
  readonly timeoutMs?: number
  /** Bytes of output that are kept, the first ones. Default: 10 KiB, what the kubelet keeps of a probe's. */
  readonly maxOutputBytes?: number
}

/** What became of a command in a container. `output` is stdout, then stderr, as the CRI's `ExecSync` has them. */
export type ExecResult =
  /**
   * It has ended. 126 or 127 with the OCI runtime's text as output: it could not be run (no such file, not executable);
   * 128 and a signal's number: it was killed.
   */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string }
  /** It was still running when the time was up. */
  | { readonly kind: 'timed-out'; readonly output: string }

export interface Engine extends ContainerSessions, ContainerLogs, PortDialing {
  /** Version, host and settings of the daemon. */
  info(signal: AbortSignal): Promise<EngineInfo>

  /** The driver of a network of Docker's, by its name or id: `bridge`, `host`, …; `undefined` when there is none such. */
  networkDriver(network: string, signal: AbortSignal): Promise<string | undefined>

  /** The health check: resolves when Docker answers, at next to no cost. */
  ping(signal: AbortSignal): Promise<void>

  /**
   * Every container and sandbox of this node, running or not, in no order. A list may lag behind an event by some ten
   * milliseconds: Docker tells of a container's end before its list knows. `inspect` never does.
   */
  list(signal: AbortSignal): Promise<readonly EngineSummary[]>

  /** One object of this node; `undefined` when it does not exist (or is not this node's). */
  inspect(id: ContainerId, signal: AbortSignal): Promise<ObservedObject | undefined>

  /**
   * Creates a container and returns its id. Throws `conflict` when the name is taken, `not-found` when the image is
   * missing, `invalid` when Docker refuses the request.
   */
  create(request: DockerCreateRequest, signal: AbortSignal): Promise<ContainerId>

  /** The id behind a name that `create` found taken, `undefined` when nobody has it any more or it is not this node's. */
  findByName(name: string, signal: AbortSignal): Promise<ContainerId | undefined>

  /**
   * Starts a created container; running already is success. Throws `not-found`, `conflict` when the sandbox that it joins
   * does not run, or `invalid` with Docker's text when it can't run.
   */
  start(id: ContainerId, signal: AbortSignal): Promise<void>

  /**
   * Sends the stop signal and, after `graceSeconds`, SIGKILL; resolves when it has stopped.
   * Stopped or gone already is success.
   */
  stop(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void>

  /**
   * Changes what a container may have, while it runs and before. Throws `not-found`; `invalid` with Docker's text for what
   * Docker or the kernel refuses: then it has what it had before.
   */
  update(id: ContainerId, resources: DockerResources, signal: AbortSignal): Promise<void>

  /**
   * How many bytes of memory a container uses now, its page cache included; `undefined` when it does not run. Throws
   * `not-found`.
   */
  memoryUsage(id: ContainerId, signal: AbortSignal): Promise<number | undefined>

  /**
   * What a container has used, as Docker tells it: for an agent that does not see the kernel of Docker's host. `undefined`
   * when it does not run. Throws `not-found`.
   */
  containerUsage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined>

  /**
   * Removes a container with its anonymous volumes, killing it first if it runs. Gone already,
   * or on its way out, is success.
   */
  remove(id: ContainerId, signal: AbortSignal): Promise<void>

  /**
   * The image behind a name, digest or id; `undefined` when Docker does not have it. Throws `invalid`
   * for a name that does not parse.
   */
  inspectImage(reference: string, signal: AbortSignal): Promise<InspectedImage | undefined>

  /** Every image that the daemon has, for the Node object. */
  listImages(signal: AbortSignal): Promise<readonly EngineImage[]>

  /** The images of which anybody has a container here, this node or not, running or not. */
  usedImages(signal: AbortSignal): Promise<ReadonlySet<ImageId>>

  /**
   * Takes away every name of a listed image, and so the image. Gone already is success. Throws `conflict` with Docker's
   * text for one that a container uses.
   */
  removeImage(image: EngineImage, signal: AbortSignal): Promise<void>

  /**
   * Pulls an image. Errors inside Docker's stream are thrown too. A pull that makes no progress for a minute is ended
   * with `unavailable`.
   */
  pullImage(reference: string, options: PullOptions, signal: AbortSignal): Promise<void>

  /** Loads images from an archive as `docker save` makes it. */
  loadImage(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>

  /**
   * Keeps the layers of an image in Docker for a volume of a Pod, whatever becomes of the image, until `releaseImages`. Held
   * already, it is the image from then, and stays it. Throws `not-found` when Docker has no such image, `unsupported` when
   * its storage driver does not keep layers as folders.
   */
  holdImage(hold: ImageHold, signal: AbortSignal): Promise<HeldImage>

  /** Lets go of every image that is held for a Pod on this node; of none is success. */
  releaseImages(uid: PodUid, signal: AbortSignal): Promise<void>

  /**
   * The last `lines` lines of a container's log, both streams, without time stamps; of them, at most the last 64 KiB.
   * Throws `not-found`.
   */
  logTail(id: ContainerId, lines: number, signal: AbortSignal): Promise<string>

  /**
   * Runs a command in a running container, with the container's user, environment and working directory, and resolves
   * with its end; one whose container ends meanwhile is killed with it, 137. Throws `conflict` when the container does
   * not run, `not-found` when it is gone, `invalid` for an empty command. Docker has no call that ends a command: after
   * a timeout or an abort it goes on until it ends by itself or with its container, and nobody reads its output any more.
   */
  exec(id: ContainerId, command: readonly string[], options: ExecOptions, signal: AbortSignal): Promise<ExecResult>

  /**
   * Docker's events for this node's objects and for images. Reconnects by itself, with back-off, saying `connected`
   * each time; ends only when `signal` fires. Events are hints: one may be lost, none is repeated after a reconnect.
   */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>
}
