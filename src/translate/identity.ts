import { containerHash } from '../model/container-hash.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { formatAmounts } from '../model/allocation.ts'
import { labels, sandboxContainerName } from '../model/labels.ts'
import { containerAmounts, notedAllocation } from './resources/allocation.ts'

/**
 * Names and labels: how a container in Docker says which Pod it belongs to. The name is unique for a Pod, a container
 * and an attempt, so creating the same thing twice is refused by Docker itself; the labels are what lists and restarts
 * of the agent go by (cri-dockerd: core/naming.go, core/labels.go).
 */
export function containerName(pod: Pod, name: string, attempt: number): string {
  const { name: podName, namespace, uid } = pod.metadata
  return `k8s_${name}_${podName}_${namespace}_${uid}_${attempt}`
}

export function sandboxName(pod: Pod, attempt: number): string {
  return containerName(pod, sandboxContainerName, attempt)
}

/**
 * A dockershim or cri-dockerd on the same daemon adopts, and kills, what carries this label: a Pod that sets it on
 * itself does not get it onto its sandbox.
 */
const adoptedByDockershim = 'io.kubernetes.docker.type'

/** The Pod's own labels, as the kubelet puts them on its sandboxes, and ours, which win. */
export function sandboxLabels(pod: Pod, nodeName: string, attempt: number): Readonly<Record<string, string>> {
  const { [adoptedByDockershim]: _, ...podLabels } = pod.metadata.labels ?? {}
  const allocation = notedAllocation(pod)
  return {
    ...podLabels,
    ...ownerLabels(pod, nodeName),
    [labels.kind]: 'sandbox',
    [labels.containerName]: sandboxContainerName,
    [labels.attempt]: String(attempt),
    ...(allocation === undefined ? {} : { [labels.resources]: JSON.stringify(allocation) }),
  }
}

export interface ContainerIdentity {
  readonly nodeName: string
  readonly sandboxId: ContainerId
  readonly attempt: number
  /** Where log collectors look for the container's log. */
  readonly logPath: string
}

/** Everything that is needed to stop, judge and replace the container when its Pod's object is gone. */
export function containerLabels(
  pod: Pod,
  container: ContainerSpec,
  identity: ContainerIdentity,
): Readonly<Record<string, string>> {
  const grace = pod.spec.terminationGracePeriodSeconds
  return {
    ...ownerLabels(pod, identity.nodeName),
    [labels.kind]: 'container',
    [labels.containerName]: container.name,
    [labels.sandboxId]: identity.sandboxId,
    [labels.attempt]: String(identity.attempt),
    [labels.logPath]: identity.logPath,
    [labels.hash]: containerHash(container),
    [labels.resources]: formatAmounts(containerAmounts(pod, container)),
    [labels.terminationMessagePath]: container.terminationMessagePath ?? '',
    [labels.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
    ...(grace === undefined ? {} : { [labels.terminationGracePeriodSeconds]: String(grace) }),
  }
}

function ownerLabels(pod: Pod, nodeName: string): Readonly<Record<string, string>> {
  return {
    [labels.node]: nodeName,
    [labels.podName]: pod.metadata.name,
    [labels.podNamespace]: pod.metadata.namespace,
    [labels.podUid]: pod.metadata.uid,
  }
}
