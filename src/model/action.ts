import type { ContainerAmounts, PodBounds } from './allocation.ts'
import type { DockerResources } from './docker.ts'
import type { ContainerId, ImageId } from './ids.ts'
import type { ContainerSpec, LifecycleHandler, VolumeSpec } from './kube.ts'

/**
 * One thing to do now for a Pod. The plan holds only what can be done at once: an action is complete data and never
 * refers to another's result. `reason` says why it is there, for the log and for whoever reads the plan.
 */
export type PodAction = StartingAction | EndingAction

/** What brings a Pod up; needs its spec. */
export type StartingAction =
  /** Directories, hosts file and whatever else of the Pod's volumes lies on this node. */
  | { readonly kind: 'prepare-volumes'; readonly reason: string }
  | { readonly kind: 'create-sandbox'; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'start-sandbox'; readonly id: ContainerId; readonly reason: string }
  /**
   * Find or pull the image of a container that is to be created; works in the background, the
   * Pod is poked when it is done.
   */
  | { readonly kind: 'ensure-image'; readonly container: ContainerSpec; readonly reason: string }
  /** The same for a volume that is an image. */
  | { readonly kind: 'ensure-volume-image'; readonly volume: VolumeSpec; readonly reason: string }
  | {
      readonly kind: 'create-container'
      readonly container: ContainerSpec
      readonly sandboxId: ContainerId
      readonly image: ImageId
      readonly attempt: number
      readonly target?: ProcessTarget
      readonly reason: string
    }
  | {
      readonly kind: 'start-container'
      readonly container: ContainerSpec
      readonly id: ContainerId
      readonly reason: string
    }
  /** Gives what runs more or less, one step after the other, if all that is to go down can. */
  | {
      readonly kind: 'resize'
      readonly steps: readonly ResizeStep[]
      readonly shrinking: ShrinkingMemory
      readonly reason: string
    }

/** What makes a Pod have something else than it was started with; each step leaves it fit to run. */
export type ResizeStep =
  /** Of the cgroup of the Pod as a whole. */
  | { readonly kind: 'bound-pod'; readonly bounds: Partial<PodBounds> }
  | {
      readonly kind: 'update-container'
      readonly id: ContainerId
      readonly containerName: string
      readonly resource: 'cpu' | 'memory'
      /** What Docker is told; nothing where only the request changes that it knows nothing of. */
      readonly resources: DockerResources
      /** What the container has when this is done. */
      readonly amounts: ContainerAmounts
    }

/** Limits of memory that are to go down: what is in use must fit below them. */
export interface ShrinkingMemory {
  readonly containers: readonly {
    readonly id: ContainerId
    readonly containerName: string
    readonly limitBytes: number
  }[]
  readonly podLimitBytes?: number
}

/** The container whose processes another is to see, as an ephemeral container can ask for. */
export interface ProcessTarget {
  readonly containerName: string
  /** Its newest instance; `undefined` where it has none. */
  readonly id: ContainerId | undefined
}

/** What takes a Pod, or a part of it, down; needs only what Docker holds, so it serves Pods whose spec is gone too. */
export type EndingAction =
  /** Takes the end of a container one step further; the step works in the background, and pokes the Pod when it is done. */
  | {
      readonly kind: 'kill-container'
      readonly id: ContainerId
      readonly containerName: string
      readonly step: KillStep
      /** Seconds for the whole end, counted from its first step. */
      readonly graceSeconds: number
      /** The text of the `Killing` event. */
      readonly message: string
      /** It is killed in order to be started anew, whatever the restart policy says. */
      readonly thenRestart: boolean
      readonly reason: string
    }
  | {
      readonly kind: 'remove-container'
      readonly id: ContainerId
      readonly containerName: string
      readonly reason: string
    }
  | { readonly kind: 'stop-sandbox'; readonly id: ContainerId; readonly reason: string }
  | { readonly kind: 'remove-sandbox'; readonly id: ContainerId; readonly reason: string }
  /** Unmounts and removes the volumes of a Pod that is over; its directory and what else is in it stay with its object. */
  | { readonly kind: 'tear-down-volumes'; readonly reason: string }
  /** Removes the Pod's directory with everything in it. */
  | { readonly kind: 'remove-volumes'; readonly reason: string }
  | PodWait

export type KillStep =
  /** Run its preStop hook, for as long as the grace lasts. */
  | { readonly kind: 'pre-stop'; readonly hook: PreStopHook }
  /** Only tell of it: others stop first. */
  | { readonly kind: 'await-turn' }
  /** Send the stop signal, and SIGKILL after so many seconds. */
  | { readonly kind: 'stop'; readonly graceSeconds: number }

export interface PreStopHook {
  readonly handler: LifecycleHandler
  /** Whose ports it may name. */
  readonly container: ContainerSpec
}

/** Nothing to do for a container, or for the Pod, before `untilMs`, or before something pokes it when that is undefined. */
export interface PodWait {
  readonly kind: 'wait'
  readonly untilMs: number | undefined
  /** Why the container, or the whole Pod, waits: a reason and a message as the Pod's status shows them. */
  readonly waiting: {
    readonly containerName: string | undefined
    /** The volume whose image it waits for. */
    readonly volumeName?: string
    readonly reason: string
    readonly message: string
  }
}
