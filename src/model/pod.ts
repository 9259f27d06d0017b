/** Readers over a Pod: each names a question that more than one room asks. */
import type { ContainerSpec, ContainerStatus, EphemeralContainerSpec, Pod, PodStatus } from './kube.ts'
import { podUid, type PodUid } from './ids.ts'

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

/** Annotations that the kubelet itself puts on a Pod from a file; see pkg/kubelet/types/pod_update.go. */
export const configSourceAnnotation = 'kubernetes.io/config.source'
export const configSeenAnnotation = 'kubernetes.io/config.seen'
export const configMirrorAnnotation = 'kubernetes.io/config.mirror'

/** Who a Pod is, in every log line, event and path. */
export interface PodRef {
  readonly uid: PodUid
  readonly namespace: string
  readonly name: string
}

export function podRef(pod: Pod): PodRef {
  return { uid: podUid(pod.metadata.uid), namespace: pod.metadata.namespace, name: pod.metadata.name }
}

/** The kubelet's way to print a Pod: `name_namespace(uid)` (pkg/kubelet/util/format/pod.go). */
export function formatPod(ref: PodRef): string {
  return `${ref.name}_${ref.namespace}(${ref.uid})`
}

/** `name_namespace`: two static Pods of the same full name are the old and the new version of one manifest. */
export function podFullName(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}`
}

export function initContainers(pod: Pick<Pod, 'spec'>): readonly ContainerSpec[] {
  return pod.spec.initContainers ?? []
}

/** An init container that goes on running beside the others: one with restartPolicy Always of its own (Kubernetes 1.29). */
export function isSidecar(initContainer: ContainerSpec): boolean {
  return initContainer.restartPolicy === 'Always'
}

export function sidecars(pod: Pod): readonly ContainerSpec[] {
  return initContainers(pod).filter(isSidecar)
}

/** What somebody added to a Pod that is there, to look at it: each runs once, and the Pod's life does not depend on it. */
export function ephemeralContainers(pod: Pod): readonly EphemeralContainerSpec[] {
  return pod.spec.ephemeralContainers ?? []
}

/** Every container of the Pod: those that it was created with in the order in which they start, then what was added. */
export function allContainers(pod: Pod): readonly ContainerSpec[] {
  return [...initContainers(pod), ...pod.spec.containers, ...ephemeralContainers(pod)]
}

/** What a status says of every container. */
export function allContainerStatuses(status: PodStatus | undefined): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]
}

/** Where a container stands in the spec, as events say it: `spec.initContainers{name}`. */
export function containerFieldPath(pod: Pod | undefined, name: string): string {
  const isIn = (containers: readonly { readonly name: string }[]): boolean =>
    containers.some((container) => container.name === name)
  if (pod !== undefined && isIn(initContainers(pod))) return `spec.initContainers{${name}}`
  const isEphemeral = pod !== undefined && isIn(ephemeralContainers(pod))
  return `spec.${isEphemeral ? 'ephemeralContainers' : 'containers'}{${name}}`
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** From a manifest, not from the API server: its object is not ours to patch or delete. */
export function isStaticPod(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[configSourceAnnotation]
  return source !== undefined && source !== 'api'
}

/** The API server's image of some kubelet's static Pod: nothing to run. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[configMirrorAnnotation] !== undefined
}

/** The lowest priority of a Pod that the cluster cannot do without: that of the class `system-cluster-critical`. */
/** SystemCriticalPriority in pkg/apis/scheduling/types.go. */
export const criticalPriority = 2_000_000_000

/** A Pod that others have to make room for (IsCriticalPod in pkg/kubelet/types/pod_update.go). */
export function isCritical(pod: Pod): boolean {
  return isStaticPod(pod) || (pod.spec.priority ?? 0) >= criticalPriority
}

export function hasTerminalPhase(pod: Pod): boolean {
  return isTerminalStatus(pod.status)
}

export function isTerminalStatus(status: PodStatus | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

export function usesHostNetwork(pod: Pod): boolean {
  return pod.spec.hostNetwork === true
}

export function restartPolicy(pod: Pod): RestartPolicy {
  const policy = pod.spec.restartPolicy
  return policy === 'OnFailure' || policy === 'Never' ? policy : 'Always'
}

/**
 * Seconds for the end of a container, its preStop hook included: the deletion's grace, else the spec's, else 2
 * (setTerminationGracePeriod in pkg/kubelet/kuberuntime/kuberuntime_container.go). May be 0, and less on a static Pod: there
 * is no time for a hook then.
 */
export function stopGraceSeconds(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? minimumGraceSeconds
}

/** What is left to a container between its stop signal and SIGKILL, whatever has been used up before. */
export const minimumGraceSeconds = 2

/** The policy that the API server would default: Always for `:latest` or no tag, IfNotPresent otherwise. */
export function imagePullPolicy(container: ContainerSpec): 'Always' | 'IfNotPresent' | 'Never' {
  switch (container.imagePullPolicy) {
    case 'Always':
    case 'IfNotPresent':
    case 'Never':
      return container.imagePullPolicy
    default:
      return hasLatestTag(container.image ?? '') ? 'Always' : 'IfNotPresent'
  }
}

/** True for `name` and `name:latest`, with a digest behind it too; false for any other tag, and for a digest alone. */
export function hasLatestTag(image: string): boolean {
  const [name = '', digest] = image.split('@', 2)
  const lastPart = name.slice(name.lastIndexOf('/') + 1)
  const colon = lastPart.lastIndexOf(':')
  return colon === -1 ? digest === undefined : lastPart.slice(colon + 1) === 'latest'
}
