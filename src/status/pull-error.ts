import type { ContainerStatus, PodStatus } from '../model/kube.ts'

/** Reasons of a failed pull; the wait for the next one takes their place. */
const pullErrors: readonly string[] = ['ErrImagePull', 'RegistryUnavailable', 'SignatureValidationFailed']

/**
 * Whether a status that nobody has seen told of a failed pull, and the one that takes its place only of the wait for the
 * next: whoever waits for `ErrImagePull` would never see it.
 */
export function hidesPullError(unseen: PodStatus, next: PodStatus): boolean {
  return containers(next).some(
    ({ name, state }) =>
      state?.waiting?.reason === 'ImagePullBackOff' &&
      containers(unseen).some(
        (before) => before.name === name && pullErrors.includes(before.state?.waiting?.reason ?? ''),
      ),
  )
}

function containers({ initContainerStatuses = [], containerStatuses = [] }: PodStatus): readonly ContainerStatus[] {
  return [...initContainerStatuses, ...containerStatuses]
}
