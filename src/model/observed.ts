import type { ContainerAmounts } from './allocation.ts'
import type { ContainerId, ImageId, PodUid } from './ids.ts'

/** What Docker says a container is doing. Times are epoch milliseconds. */
export type ContainerState =
  | { readonly phase: 'created' }
  | { readonly phase: 'running'; readonly startedAtMs: number; readonly pid: number }
  | {
      readonly phase: 'exited'
      readonly exitCode: number
      /** Docker never got it running (`FinishedAt` unset and a non-zero exit code): the kubelet's `ContainerCannotRun`. */
      readonly cannotRun: boolean
      readonly oomKilled: boolean
      /** `State.Error` of Docker, empty when there is none. */
      readonly error: string
      readonly startedAtMs: number
      readonly finishedAtMs: number
    }

/** What Docker has been told to let a container have; 0 where nobody has said anything of it. */
export interface ActualResources {
  readonly cpuShares: number
  /** Microseconds in each period; 0 for as many as there are. */
  readonly cpuQuota: number
  readonly cpuPeriod: number
  /** 0 for no limit. */
  readonly memoryBytes: number
}

/** Which Pod an object in Docker belongs to, as its labels say. */
export interface ObservedOwner {
  readonly podUid: PodUid
  readonly podName: string
  readonly podNamespace: string
}

/** The pause container that holds a Pod's namespaces. */
export interface ObservedSandbox {
  readonly kind: 'sandbox'
  readonly id: ContainerId
  readonly owner: ObservedOwner
  /** 0 for the first sandbox of a Pod, one more for each that replaced it. */
  readonly attempt: number
  readonly createdAtMs: number
  readonly state: ContainerState
  readonly hostNetwork: boolean
  /** The OCI runtime that it was made for, Docker's default by its name too; empty where that is not known yet. */
  readonly runtime: string
  /** IPv4 first; empty for hostNetwork and while it does not run. */
  readonly ips: readonly string[]
}

/** One instance of one of a Pod's containers. */
export interface ObservedContainer {
  readonly kind: 'container'
  readonly id: ContainerId
  readonly owner: ObservedOwner
  /** The name in the Pod's spec. */
  readonly name: string
  readonly sandboxId: ContainerId
  /** The restart count with which it was created. */
  readonly attempt: number
  /** The spec hash with which it was created, see translate/identity. */
  readonly hash: string
  readonly createdAtMs: number
  readonly state: ContainerState
  readonly resources: ActualResources
  /** The GPUs that Docker was asked for, by Docker's id; left out where there are none. */
  readonly gpus?: readonly string[]
  /** What it was created to have; `undefined` where nobody has noted it. */
  readonly made: ContainerAmounts | undefined
  /** The first tag of its image, or the reference that created it where the image has none. */
  readonly image: string
  readonly imageId: ImageId
  /** `docker-pullable://…@sha256:…` where the image has a repository digest, `docker://sha256:…` otherwise. */
  readonly imageRef: string
  /** Where the container's termination message lies on the host, if it has one. */
  readonly terminationMessageFile: string | undefined
  readonly terminationMessagePolicy: 'File' | 'FallbackToLogsOnError'
  /** Grace of the Pod's spec in seconds, kept on the container for a Pod whose object is gone. */
  readonly terminationGracePeriodSeconds: number | undefined
}

export type ObservedObject = ObservedSandbox | ObservedContainer

/** Everything that Docker holds for one Pod, newest first (higher attempt, then later creation). */
export interface ObservedPod {
  readonly uid: PodUid
  readonly sandboxes: readonly ObservedSandbox[]
  readonly containers: readonly ObservedContainer[]
}

/** The instances of one container of the spec, newest first. */
export function instancesOf(observed: ObservedPod, containerName: string): readonly ObservedContainer[] {
  return observed.containers.filter((container) => container.name === containerName)
}

/** The sandbox that the Pod's network lives in now, if one runs. */
export function runningSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  return observed.sandboxes.find((sandbox) => sandbox.state.phase === 'running')
}
