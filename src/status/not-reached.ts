import type { ContainerStatus, Pod, PodStatus } from '../model/kube.ts'
import { instancesOf, type ObservedPod } from '../model/observed.ts'
import { ephemeralContainers, initContainers, isSidecar } from '../model/pod.ts'
import { previousContainerStatus } from './container-status.ts'

/**
 * The containers whose turn never came, by name: the Pod ended while its init containers ran, or before an ephemeral one
 * was there. There is nothing to be known of them, while of any other container without a record it is feared that it ran
 * and failed (hasPodInitialized and initializedContainers in pkg/kubelet/status/status_manager.go).
 */
export function notReached(pod: Pod, observed: ObservedPod, previous: PodStatus | undefined): ReadonlySet<string> {
  const init = initContainers(pod)
  const last = init.at(-1)
  const hasRun = (name: string): boolean =>
    instancesOf(observed, name).some(({ state }) => state.phase !== 'created') ||
    hasBeenRun(previousContainerStatus(previous, name))
  const unstarted = ephemeralContainers(pod).flatMap(({ name }) => (hasRun(name) ? [] : [name]))
  if (last === undefined) return new Set(unstarted)
  const hasSucceeded = (name: string): boolean =>
    instancesOf(observed, name).some(({ state }) => state.phase === 'exited' && state.exitCode === 0) ||
    succeededBefore(previousContainerStatus(previous, name))
  const isInitialized =
    pod.spec.containers.some(({ name }) => hasRun(name)) ||
    (isSidecar(last) ? hasRun(last.name) : hasSucceeded(last.name))
  // The first is always reached.
  const reached = Math.max(1, init.findLastIndex(({ name }) => hasRun(name)) + 1)
  const skipped = [...init.slice(reached), ...(isInitialized ? [] : pod.spec.containers)]
  return new Set([...skipped.map(({ name }) => name), ...unstarted])
}

function hasBeenRun(status: ContainerStatus | undefined): boolean {
  const { state, lastState } = status ?? {}
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined
}

function succeededBefore(status: ContainerStatus | undefined): boolean {
  return status?.state?.terminated?.exitCode === 0 || status?.lastState?.terminated?.exitCode === 0
}
