import type { ContainerStatus, Pod } from '../model/kube.ts'
import { isStaticPod } from '../model/pod.ts'
import { policyRestarts } from '../model/restart-policy.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/**
 * The phase of a Pod from its containers' statuses (getPhase in pkg/kubelet/kubelet_pods.go). A container that waits
 * after it ended once counts as stopped, so a crash loop leaves the Pod Running.
 */
export function podPhase(pod: Pod, statuses: readonly ContainerStatus[], podIsOver: boolean): Phase {
  const count = (test: (status: ContainerStatus) => boolean): number => statuses.filter(test).length
  const running = count(({ state }) => state?.running !== undefined)
  const stopped = count(isStopped)
  if (podIsOver && running === 0 && !isStaticPod(pod)) {
    return statuses.every(hasSucceeded) ? 'Succeeded' : 'Failed'
  }
  if (running + stopped < statuses.length) return 'Pending'
  // What waits after it has ended will be started again, whatever the policy says: its definition changed, perhaps.
  if (statuses.some(({ state }) => state?.terminated === undefined)) return 'Running'
  if (statuses.some((status) => comesAgain(pod, status))) return 'Running'
  return statuses.every(hasSucceeded) ? 'Succeeded' : 'Failed'
}

function comesAgain(pod: Pod, { name, state }: ContainerStatus): boolean {
  const container = pod.spec.containers.find((candidate) => candidate.name === name)
  if (container === undefined || state?.terminated === undefined) return false
  return policyRestarts(pod, container, state.terminated.exitCode)
}

function hasSucceeded({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0
}

function isStopped({ state, lastState }: ContainerStatus): boolean {
  return state?.terminated !== undefined || (state?.running === undefined && lastState?.terminated !== undefined)
}
