import { KubeletError } from '../../model/errors.ts'
import type { ContainerStatus, Pod } from '../../model/kube.ts'
import { allContainers, allContainerStatuses } from '../../model/pod.ts'

/**
 * The instance of one of the Pod's containers whose log is meant, as its status has it: `docker://<id>`. Throws in the
 * kubelet's words where there is none (validateContainerLogStatus in pkg/kubelet/kubelet_pods.go).
 */
export function logInstance(pod: Pod, container: string, previous: boolean): string {
  const { name } = pod.metadata
  const refuse = (text: string): KubeletError => new KubeletError('invalid', text, { status: 400 })
  const what = `container "${container}" in pod "${name}"`
  // A name is one container's only: it does not matter in which of the lists it is found.
  const status = allContainerStatuses(pod.status).find((candidate) => candidate.name === container)
  if (status === undefined) throw refuse(`${what} is not available`)
  const { state = {} } = status
  const last = lastInstance(status)
  if (previous) {
    if (last === '') throw refuse(`previous terminated ${what} not found`)
    return last
  }
  if (state.running !== undefined) return status.containerID ?? ''
  if (state.terminated !== undefined || status.lastState?.terminated !== undefined) {
    // Where the next instance could not be made, the last one that was there has something to say.
    const id = state.terminated?.containerID || last
    if (id === '') throw refuse(`${what} is terminated`)
    return id
  }
  if (state.waiting === undefined) throw refuse(`${what} is waiting to start - no logs yet`)
  throw refuse(`${what} is waiting to start: ${waitingText(state.waiting.reason ?? '')}`)
}

/** Throws `not-found`, in the kubelet's words, for a container that the Pod does not have. */
export function requireContainer(pod: Pod, container: string): void {
  if (allContainers(pod).some((spec) => spec.name === container)) return
  const text = `container "${container}" not found in pod "${pod.metadata.name}"`
  throw new KubeletError('not-found', text, { status: 404 })
}

function lastInstance({ lastState }: ContainerStatus): string {
  return lastState?.terminated?.containerID ?? ''
}

function waitingText(reason: string): string {
  switch (reason) {
    case 'ErrImagePull':
      return "image can't be pulled"
    case 'ImagePullBackOff':
      return 'trying and failing to pull image'
    default:
      return reason
  }
}
