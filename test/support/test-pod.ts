import type { ContainerSpec, ContainerStatus, Pod, PodSpec } from '../../src/model/kube.ts'

/** A Pod as a user writes it. */
export interface PodManifest {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: { readonly name: string; readonly [key: string]: unknown }
  readonly spec: Partial<PodSpec>
}

/** A Pod of these containers; `change` is what else its spec says. */
export function podManifest(
  name: string,
  containers: readonly ContainerSpec[],
  change: Partial<PodSpec> = {},
): PodManifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 5, containers, ...change },
  }
}

/** A container that runs a shell script. */
export function shell(name: string, script: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return { name, image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...change }
}

/** The end of a script that goes on until the container is told to stop. PID 1 ends on SIGTERM only if it says so. */
export const untilTold = "trap 'exit 0' TERM; sleep 86400 & wait"

/** A container that stays. */
export function staying(name: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return shell(name, untilTold, change)
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
}

export function hasPhase(phase: string): (pod: Pod) => boolean {
  return (pod) => pod.status?.phase === phase
}

/** The status of one container; throws where there is none (yet). */
export function statusOf(pod: Pod, container: string): ContainerStatus {
  const status = findStatus(pod, container)
  if (status === undefined) throw new Error(`Pod "${pod.metadata.name}" has no status of container "${container}"`)
  return status
}

export function findStatus(pod: Pod, container: string): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === container)
}

/** Docker's id of a container that has one. */
export function dockerId(pod: Pod, container: string): string {
  return statusOf(pod, container).containerID?.replace('docker://', '') ?? ''
}

/** Whether a container waits for this reason. */
export function waitsFor(container: string, reason: string): (pod: Pod) => boolean {
  return (pod) => findStatus(pod, container)?.state?.waiting?.reason === reason
}
