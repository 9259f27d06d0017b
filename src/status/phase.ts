import type { ContainerStatus, Pod } from '../model/kube.ts'
import { isStaticPod, restartPolicy } from '../model/pod.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/**
 * The phase of a Pod from its containers' statuses (getPhase in pkg/kubelet/kubelet_pods.go). A container that waits
 * after it ended once counts as stopped, so a crash loop leaves the Pod Running.
 */
export function podPhase(pod: Pod, statuses: readonly ContainerStatus[], podIsOver: boolean): Phase {
  const count = (test: (status: ContainerStatus) => boolean): number => statuses.filter(test).length
  const running = count(({ state }) => state?.running !== undefined)
  const stopped = count(isStopped)
  const succeeded = count(({ state, lastState }) => (state?.terminated ?? lastState?.terminated)?.exitCode === 0)
  if (podIsOver && running === 0 && !isStaticPod(pod)) {
    return statuses.every(({ state }) => state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  if (running + stopped < statuses.length) return 'Pending'
  if (running > 0) return 'Running'
  const policy = restartPolicy(pod)
  switch (policy) {
    case 'Always':
      return 'Running'
    case 'OnFailure':
      return succeeded === statuses.length ? 'Succeeded' : 'Running'
    case 'Never':
      return succeeded === statuses.length ? 'Succeeded' : 'Failed'
    default:
      return policy satisfies never
  }
}

function isStopped({ state, lastState }: ContainerStatus): boolean {
  return state?.terminated !== undefined || (state?.running === undefined && lastState?.terminated !== undefined)
}
