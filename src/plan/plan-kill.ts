import type { EndingAction, KillStep, PreStopHook } from '../model/action.ts'
import type { ContainerSpec } from '../model/kube.ts'
import type { ObservedContainer } from '../model/observed.ts'
import { minimumGraceSeconds } from '../model/pod.ts'
import type { KillProgress, PodFacts } from './pod-facts.ts'

/** What is asked for when a container that runs is to end. */
export interface KillOrder {
  /** Seconds for all of it: the hook, waiting for its turn, and the time from the stop signal to SIGKILL. */
  readonly graceSeconds: number
  readonly preStop: PreStopHook | undefined
  /** Nothing has to stop before it. */
  readonly isItsTurn: boolean
  /** The text of the `Killing` event. */
  readonly message: string
  readonly thenRestart: boolean
  readonly reason: string
}

/** What a container does before it stops; of one whose spec is gone nothing is known. */
export function preStopOf(container: ContainerSpec | undefined): PreStopHook | undefined {
  const handler = container?.lifecycle?.preStop
  return container === undefined || handler === undefined ? undefined : { handler, container }
}

export type KillFacts = Pick<PodFacts, 'nowMs' | 'kills'>

/**
 * The next step of the end of a container (killContainer in pkg/kubelet/kuberuntime/kuberuntime_container.go): its preStop
 * hook if there is time for one, then its turn, then the stop signal with what is left of the grace, and never less than
 * two seconds. When the grace is used up the signal comes, whatever it was waiting for. A grace that was shortened on the
 * way counts from the first step too.
 */
export function planKill(container: ObservedContainer, order: KillOrder, { nowMs, kills }: KillFacts): EndingAction {
  const progress = kills.get(container.id)
  const graceSeconds = Math.min(order.graceSeconds, progress?.order.graceSeconds ?? Number.POSITIVE_INFINITY)
  const step = progress === undefined ? firstStep(order) : nextStep(progress, { ...order, graceSeconds }, nowMs)
  if (step.kind === 'wait') return waitForStep(step.untilMs)
  const { message, thenRestart, reason } = order
  const { id, name: containerName } = container
  return { kind: 'kill-container', id, containerName, step, graceSeconds, message, thenRestart, reason }
}

type NextStep = KillStep | { readonly kind: 'wait'; readonly untilMs: number | undefined }

function firstStep({ graceSeconds, preStop, isItsTurn }: KillOrder): KillStep {
  if (graceSeconds > 0 && preStop !== undefined) return { kind: 'pre-stop', hook: preStop }
  if (graceSeconds > 0 && !isItsTurn) return { kind: 'await-turn' }
  return stop(graceSeconds)
}

function nextStep(progress: KillProgress, order: KillOrder, nowMs: number): NextStep {
  const { sinceMs, step } = progress
  const leftSeconds = order.graceSeconds - Math.floor((nowMs - sinceMs) / 1000)
  switch (step.kind) {
    case 'pre-stop':
    case 'awaiting-turn': {
      const mayStop = step.kind === 'awaiting-turn' && order.isItsTurn
      return mayStop || leftSeconds <= 0
        ? stop(leftSeconds)
        : { kind: 'wait', untilMs: sinceMs + order.graceSeconds * 1000 }
    }
    case 'stopping': {
      const isShortened = order.graceSeconds < progress.order.graceSeconds
      const sooner = stop(leftSeconds)
      return isShortened && nowMs + sooner.graceSeconds * 1000 < step.killAtMs
        ? sooner
        : { kind: 'wait', untilMs: undefined }
    }
    case 'retry':
      return nowMs < step.atMs ? { kind: 'wait', untilMs: step.atMs } : stop(leftSeconds)
    default:
      return step satisfies never
  }
}

function stop(leftSeconds: number): Extract<KillStep, { kind: 'stop' }> {
  return { kind: 'stop', graceSeconds: Math.max(minimumGraceSeconds, leftSeconds) }
}

/** The Pod's status says nothing of this wait: until it has ended the container runs. */
function waitForStep(untilMs: number | undefined): EndingAction {
  const waiting = { containerName: undefined, reason: 'Killing', message: 'a container is on its way to its end' }
  return { kind: 'wait', untilMs, waiting }
}
