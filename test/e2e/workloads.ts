import type { V1DaemonSet, V1Deployment, V1Job, V1StatefulSet } from '@kubernetes/client-node'
import type { ContainerSpec, KubeNode, Pod, PodSpec, Wire } from '../../src/model/kube.ts'
import type { Watch } from '../support/kubectl.ts'
import type { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, untilTold } from '../support/test-pod.ts'
import { onlyOn } from './examples.ts'

export type Deployment = Wire<V1Deployment>
export type DaemonSet = Wire<V1DaemonSet>
export type Job = Wire<V1Job>
export type StatefulSet = Wire<V1StatefulSet>

/** A container that is ready as long as it has the file /tmp/ready, which it makes at its start, and stays. */
export function readyByFile(change: Partial<ContainerSpec> = {}): ContainerSpec {
  return shell('main', `touch /tmp/ready; ${untilTold}`, {
    // A busy machine takes its time over a command, which is not what is tested.
    readinessProbe: {
      exec: { command: ['cat', '/tmp/ready'] },
      periodSeconds: 1,
      timeoutSeconds: 30,
      failureThreshold: 1,
    },
    ...change,
  })
}

/** What a workload makes its Pods of: one container, on this node only. Their label `app` is the workload's name. */
export function template(node: TestNode, app: string, main: ContainerSpec, change: Partial<PodSpec> = {}): object {
  const { spec } = podManifest(app, [main], { ...onlyOn(node.name), ...change })
  return { metadata: { labels: { app } }, spec }
}

/** A workload that selects its Pods by their label `app`, for `kubectl apply`. */
export function workload(kind: 'DaemonSet' | 'Deployment' | 'StatefulSet', name: string, spec: object): object {
  const selector = { matchLabels: { app: name } }
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { selector, ...spec } }
}

/**
 * Every version of the node's Pods with this label `app`, in order; `deleted` are the last
 * versions of those that are gone.
 */
export function changesOf(node: TestNode, app: string): readonly { readonly deleted: boolean; readonly pod: Pod }[] {
  return node.podChanges.items
    .filter(({ object }) => object.metadata.labels?.['app'] === app)
    .map(({ type, object }) => ({ deleted: type === 'DELETED', pod: object }))
}

/** The Pods with this label `app` that the API server had after each of their changes. */
export function historyOf(node: TestNode, app: string): readonly (readonly Pod[])[] {
  const now = new Map<string, Pod>()
  return changesOf(node, app).map(({ deleted, pod }) => {
    if (deleted) now.delete(pod.metadata.uid)
    else now.set(pod.metadata.uid, pod)
    return [...now.values()]
  })
}

/**
 * Waits until there are just so many Pods with this label `app`, all ready, none of them being
 * deleted, all passing `test`.
 */
export function readyPods(
  node: TestNode,
  app: string,
  count: number,
  test: (pod: Pod) => boolean = () => true,
): Promise<readonly Pod[]> {
  return node.podChanges.until(
    `${count} ready Pods of "${app}"`,
    () => {
      const pods = historyOf(node, app).at(-1) ?? []
      const areReady = pods.every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined && test(pod))
      return pods.length === count && areReady ? pods : undefined
    },
    () =>
      historyOf(node, app)
        .at(-1)
        ?.map(({ metadata, status }) => [metadata.name, status]),
  )
}

/** Waits until an object passes `test`. */
export async function untilObject<T>(watch: Watch<T>, what: string, test: (object: T) => boolean): Promise<T> {
  return (await watch.changes.first(what, ({ object }) => test(object))).object
}

/** Waits until the scheduler may bring Pods to the node: until only the test's own taint is left. */
export async function untilSchedulable({ name, kubectl }: TestNode): Promise<void> {
  using nodes = kubectl.watch<KubeNode>('/api/v1/nodes', name)
  await untilObject(nodes, `node "${name}" schedulable`, ({ spec }) => spec?.taints?.length === 1)
}
