import type { ContainerStatus, Pod } from '../model/kube.ts'
import { allContainers, initContainers, isSidecar, isStaticPod } from '../model/pod.ts'
import { policyRestarts } from '../model/restart-policy.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export interface PhaseFacts {
  /** Init containers and sidecars, in the order of the spec. */
  readonly init: readonly ContainerStatus[]
  readonly regular: readonly ContainerStatus[]
  /** Nothing of the Pod runs or will run again. */
  readonly podIsOver: boolean
}

/**
 * The phase of a Pod from its containers' statuses (getPhase in pkg/kubelet/kubelet_pods.go). A container that waits
 * after it ended once counts as stopped, so a crash loop leaves the Pod Running. Of a sidecar only that it runs, or does
 * not run yet, counts; how it ended is nobody's business.
 */
export function podPhase(pod: Pod, { init, regular, podIsOver }: PhaseFacts): Phase {
  const plainInit = init.filter((status) => !isOfSidecar(pod, status))
  if (podIsOver && !regular.some(isRunning) && !isStaticPod(pod)) {
    return [...plainInit, ...regular].every(hasSucceeded) ? 'Succeeded' : 'Failed'
  }
  if (plainInit.some((status) => hasFailed(pod, status))) return 'Failed'
  // Nothing comes after that, whatever has become of the sidecars.
  if (regular.every((status) => hasEndedForGood(pod, status))) {
    return regular.every(hasSucceeded) ? 'Succeeded' : 'Failed'
  }
  if (plainInit.some(isStillToEnd)) return 'Pending'
  const hasRun = regular.some(hasBeenRun)
  if (!hasRun && (!plainInit.every(hasSucceeded) || !init.every((status) => isUp(pod, status)))) return 'Pending'
  if (!regular.every(hasBeenRun)) return 'Pending'
  if (!init.every((status) => !isOfSidecar(pod, status) || hasBeenRun(status))) return 'Pending'
  return 'Running'
}

/** A sidecar that runs and is started. Whatever is no sidecar is up in this sense. */
function isUp(pod: Pod, status: ContainerStatus): boolean {
  return (isRunning(status) && status.started !== false) || !isOfSidecar(pod, status)
}

function isOfSidecar(pod: Pod, { name }: ContainerStatus): boolean {
  return initContainers(pod).some((container) => container.name === name && isSidecar(container))
}

/** It has ended badly, and will not be tried again. */
function hasFailed(pod: Pod, status: ContainerStatus): boolean {
  return !hasSucceeded(status) && hasEndedForGood(pod, status)
}

/** What waits after it has ended will be started again, whatever the policy says: its definition changed, perhaps. */
function hasEndedForGood(pod: Pod, status: ContainerStatus): boolean {
  return status.state?.terminated !== undefined && !comesAgain(pod, status)
}

function comesAgain(pod: Pod, { name, state }: ContainerStatus): boolean {
  const container = allContainers(pod).find((candidate) => candidate.name === name)
  if (container === undefined || state?.terminated === undefined) return false
  return policyRestarts(pod, container, state.terminated.exitCode)
}

function hasSucceeded({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0
}

/** An init container that runs, or has not run yet: again after the sandbox was replaced, perhaps. */
function isStillToEnd({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || (state?.terminated === undefined && lastState?.terminated === undefined)
}

function isRunning({ state }: ContainerStatus): boolean {
  return state?.running !== undefined
}

/** It runs, or has run: one that waits to run again too. */
function hasBeenRun({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined
}
