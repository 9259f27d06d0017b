import type { BackOff } from './back-off.ts'
import type { ContainerId, ImageId } from '../model/ids.ts'

/** Why a container that should run does not: as its status shows it. */
export interface WaitingReason {
  readonly reason: string
  readonly message: string
}

/** How far the image of a container that is to be created has come. No entry: nobody has asked for it yet. */
export type ImageFact =
  /** `after`: what the last pull failed with, shown until this one ends. */
  | { readonly kind: 'pulling'; readonly after: WaitingReason | undefined }
  | { readonly kind: 'ready'; readonly id: ImageId }
  | {
      readonly kind: 'failed'
      /** `ErrImagePull`, `ErrImageNeverPull`, `InvalidImageName`, `ImageInspectError`, `RegistryUnavailable`. */
      readonly reason: string
      readonly message: string
      readonly failedAtMs: number
      readonly retryAtMs: number
      /** A pull was tried, so that the wait for the next is an `ImagePullBackOff`. */
      readonly backOff: boolean
    }

/** Why the last attempt to start a container failed, and when the next is due. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
  readonly retryAtMs: number
  /** The instance that Docker did not start; none where none could be made. */
  readonly instanceId?: ContainerId
}

export type VolumesFact =
  | { readonly kind: 'unprepared' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string; readonly retryAtMs: number }

/** The last instance of a container as the Pod's status tells of it: all that is left when Docker's record is gone. */
export interface VanishedInstance {
  readonly attempt: number
  /** 137 for one that ran when it was last seen, as the kubelet reports it. */
  readonly exitCode: number
}

/** What the plan must know besides the Pod and what Docker holds for it. Maps are keyed by container name. */
export interface PodFacts {
  readonly nowMs: number
  readonly volumes: VolumesFact
  readonly images: ReadonlyMap<string, ImageFact>
  readonly startFailures: ReadonlyMap<string, StartFailure>
  readonly backOffs: ReadonlyMap<string, BackOff>
  /** The last sandbox could not be made or started. */
  readonly sandboxFailure: StartFailure | undefined
  /** Containers that were killed in order to be started anew, whatever the restart policy says. */
  readonly killedForRestart: ReadonlySet<ContainerId>
  /** Containers that once ran, by the Pod's last status. */
  readonly vanished: ReadonlyMap<string, VanishedInstance>
  /** Containers that ask for what this agent does not do, and must not run without it; by name, with the message. */
  readonly refused: ReadonlyMap<string, string>
}
