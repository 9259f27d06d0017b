import type { ResourceRequirements } from './allocation.ts'
import { initContainers } from './pod.ts'
import type { Pod, PodCondition, PodStatus } from './kube.ts'

/** The conditions of a Pod that asks for something else than it has. */
export const resizePending = 'PodResizePending'
export const resizeInProgress = 'PodResizeInProgress'

/**
 * Why a Pod was not given what it asks for now: it is asked again when there may be room. Times are epoch milliseconds.
 * What a kubelet calls infeasible (of containers that swap, or have CPUs to themselves) there is none of here.
 */
export interface PendingResize {
  readonly message: string
  /** Of the spec that asks for it. */
  readonly generation: number
  /** Since when, and when it was last decided. */
  readonly sinceMs: number
  readonly atMs: number
}

/** A Pod was given something, and does not have it (yet). */
export interface ResizeProgress {
  /** Of the spec that asked for it. */
  readonly generation: number
  /** Why the last try failed; `undefined` while none has. */
  readonly error: string | undefined
  /** Since when it has been so, epoch milliseconds. */
  readonly sinceMs: number
}

/** How it stands with what a Pod asks for now, for its worker. */
export interface ResizeStanding {
  readonly pending: PendingResize | undefined
  /** The generation of the spec that the Pod was last given what it asks for; `undefined` before the first time. */
  readonly generation: number | undefined
}

/** What the events of a resize tell: what the containers were to have. */
export interface ResizeSummary {
  readonly initContainers: readonly ContainerResources[]
  readonly containers: readonly ContainerResources[]
  readonly generation: number
}

interface ContainerResources {
  readonly name: string
  readonly resources: ResourceRequirements
}

/** What the containers of a Pod with its allocation have, or are to have, for an event. */
export function resizeSummary(pod: Pod, generation: number): ResizeSummary {
  const resourcesOf = ({ name, resources = {} }: Pod['spec']['containers'][number]): ContainerResources => ({
    name,
    resources,
  })
  return {
    initContainers: initContainers(pod).map(resourcesOf),
    containers: pod.spec.containers.map(resourcesOf),
    generation,
  }
}

/** The resize that a Pod waits for, as its status tells (BackfillPodResizeConditions in pkg/kubelet/status). */
export function toldPending(status: PodStatus | undefined, nowMs: number): PendingResize | undefined {
  const told = conditionOf(status, resizePending)
  if (told === undefined) return undefined
  return {
    message: told.message ?? '',
    generation: told.observedGeneration ?? 0,
    sinceMs: timeOf(told.lastTransitionTime, nowMs),
    atMs: nowMs,
  }
}

/** The resize that a Pod is in, as its status tells. */
export function toldProgress(status: PodStatus | undefined, nowMs: number): ResizeProgress | undefined {
  const told = conditionOf(status, resizeInProgress)
  if (told === undefined) return undefined
  return {
    generation: told.observedGeneration ?? 0,
    error: told.reason === 'Error' ? (told.message ?? '') : undefined,
    sinceMs: timeOf(told.lastTransitionTime, nowMs),
  }
}

function conditionOf(status: PodStatus | undefined, type: string): PodCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')
}

function timeOf(text: string | undefined, nowMs: number): number {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? nowMs : time
}
