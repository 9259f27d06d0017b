import type { BackOff } from './back-off.ts'
import type { ContainerAmounts, PodBounds } from '../model/allocation.ts'
import type { ContainerId, ImageId } from '../model/ids.ts'
import type { LastInstances } from '../model/restart-all.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { ProbeVerdicts } from '../model/probe.ts'

/** Why a container that should run does not: as its status shows it. */
export interface WaitingReason {
  readonly reason: string
  readonly message: string
}

/** How far an image has come that a container is to be created with. No entry: nobody has asked for it yet. */
export type ImageFact =
  /** `after`: what the last pull failed with, shown until this one ends. `progress`: how far this one is known to be. */
  | { readonly kind: 'pulling'; readonly after: WaitingReason | undefined; readonly progress?: PullProgress }
  | { readonly kind: 'ready'; readonly id: ImageId }
  | {
      readonly kind: 'failed'
      /** `ErrImagePull`, `ErrImageNeverPull`, `InvalidImageName`, `ImageInspectError`, `RegistryUnavailable`, … */
      readonly reason: string
      readonly message: string
      readonly failedAtMs: number
      readonly retryAtMs: number
      /** A pull was tried, so that the wait for the next is an `ImagePullBackOff`. */
      readonly backOff: boolean
      /** Since when the Pod's status has shown it; left out until it has. */
      readonly shownAtMs?: number
      /** Images have changed in Docker since: this one may be there, and is looked for at this time. */
      readonly lookAtMs?: number
    }

/** Why the last attempt to start a container failed, and when the next is due. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
  readonly retryAtMs: number
  /** The instance that Docker did not start; none where none could be made. */
  readonly instanceId?: ContainerId
  /** It may have been for the want of something in the API server: due when there were more changes there than these. */
  readonly objectChanges?: number
  /** The Pod itself may say otherwise by now: due when it has changed more often than this. */
  readonly specChanges?: number
}

export type VolumesFact =
  | { readonly kind: 'unprepared' }
  /** `refresh` is `undefined` where nothing in them can change. */
  | { readonly kind: 'ready'; readonly refresh: VolumeRefresh | undefined }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly retryAtMs: number
      /** Due at once when more has changed in the API server than so often. */
      readonly objectChanges: number
    }

/** When volumes are looked at again: at a time, or when there have been more changes than these. */
export interface VolumeRefresh {
  readonly atMs: number
  /** Of what the Pod refers to in the API server. */
  readonly objectChanges: number
  /** Of the Pod itself. */
  readonly specChanges: number
}

/** The last instance of a container as the Pod's status or its folder tells of it, when Docker's record is gone. */
export interface VanishedInstance {
  readonly attempt: number
  /** 137 for one that ran when it was last seen, as the kubelet reports it. */
  readonly exitCode: number
  /** When it ended, in whole seconds; `undefined` where nobody has seen it. */
  readonly finishedAtMs?: number
  /** It is started anew whatever its policy says: it was removed for that, or nobody knows how it ended. */
  readonly comesAgain?: boolean
}

/** How far the end of a container that was decided on has come. Times are epoch milliseconds. */
export interface KillProgress {
  readonly containerName: string
  /** When its first step was taken: its grace counts from then. */
  readonly sinceMs: number
  readonly step: KillProgressStep
  /** What it was begun with; the grace as it is now. */
  readonly order: {
    readonly graceSeconds: number
    readonly message: string
    readonly thenRestart: boolean
    readonly reason: string
  }
}

export type KillProgressStep =
  | { readonly kind: 'pre-stop' }
  /** The hook is done, or there is none: others stop first. */
  | { readonly kind: 'awaiting-turn' }
  /** The stop signal is sent, and SIGKILL follows at `killAtMs`. */
  | { readonly kind: 'stopping'; readonly killAtMs: number }
  /** Docker could not stop it (so often in a row), or says that it has and it runs all the same. */
  | { readonly kind: 'retry'; readonly failures: number; readonly atMs: number }

/** The postStart hook of a container that runs; none once it has succeeded. */
export interface PostStart {
  readonly containerName: string
  readonly kind: 'running' | 'failed'
}

/** What is known of a Pod that may have been resized. */
export interface ResizeFacts {
  /** What containers have been given since they were created. */
  readonly containers: ReadonlyMap<ContainerId, ContainerAmounts>
  /** What the Pod's cgroup is set to; `undefined` where it has none that the agent has made. */
  readonly bounds: PodBounds | undefined
  /** As in `translate/resources`. */
  readonly cpuPeriodUs: number | undefined
  /** The last try has failed, and this is when the next is due. */
  readonly retryAtMs: number | undefined
}

/** What the plan must know besides the Pod and what Docker holds for it. Maps are keyed by container name. */
export interface PodFacts {
  readonly nowMs: number
  /** What the probes say of the containers that have any and run. */
  readonly probes: ReadonlyMap<string, ProbeVerdicts>
  /** Instances that were killed for a failed probe, or are to be: when they come quickly they are a crash loop. */
  readonly failedProbes: ReadonlySet<ContainerId>
  readonly volumes: VolumesFact
  /** They are being set up, or brought up to date. */
  readonly volumesUnderWay: boolean
  /** Nothing of them is left on this node. */
  readonly volumesTornDown: boolean
  /** By `ImageUser.key`. */
  readonly images: ReadonlyMap<string, ImageFact>
  readonly startFailures: ReadonlyMap<string, StartFailure>
  /** How often something that the Pod refers to in the API server has changed. */
  readonly objectChanges: number
  /** How often the Pod itself has changed: its labels, annotations, spec. */
  readonly specChanges: number
  readonly backOffs: ReadonlyMap<string, BackOff>
  /** The last sandbox could not be made or started. */
  readonly sandboxFailure: StartFailure | undefined
  /** Containers that count as starting: their hook has not returned, or it has failed. */
  readonly postStarts: ReadonlyMap<ContainerId, PostStart>
  /** Containers whose end is under way. */
  readonly kills: ReadonlyMap<ContainerId, KillProgress>
  /** Containers that were killed in order to be started anew, whatever the restart policy says. */
  readonly killedForRestart: ReadonlySet<ContainerId>
  /** The last status says that all containers are being removed, to be started anew: these. */
  readonly restartingAll: LastInstances | undefined
  /** Containers that once ran and of which Docker has no record. */
  readonly vanished: ReadonlyMap<string, VanishedInstance>
  /** Containers that ask for what this agent does not do, and must not run without it; by name, with the message. */
  readonly refused: ReadonlyMap<string, string>
  readonly resize: ResizeFacts
  /** How many instances of a container are kept besides the newest. */
  readonly keptInstances: number
}
