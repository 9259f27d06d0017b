/** What is asked of an API server for a recording, through the agent's adapter where that asks it. */
import type { KubeClient } from '../../src/cluster/kube-client.ts'
import type { KubeCluster } from '../../src/cluster/kube-cluster.ts'
import type { WatchEvent } from '../../src/cluster/listing.ts'
import { decodePod, decodeWatchLine } from '../../src/cluster/decode-object.ts'
import type { Pod } from '../../src/model/kube.ts'
import type { Recording } from './recording.ts'

export interface Asking extends Pick<Recording, 'nodeName' | 'namespace' | 'pod' | 'resourceVersion'> {
  readonly cluster: KubeCluster
  readonly client: KubeClient
}

const { signal } = new AbortController()
const nobody = '00000000-0000-4000-8000-000000000000'
export const leaseOf = (name: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-node-lease' },
  spec: { holderIdentity: name, leaseDurationSeconds: 40 },
})

async function collected<T>(all: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = []
  for await (const item of all) items.push(item)
  return items
}

/** In this order: the first ones make what the later ones find. */
export const scenes = {
  version: ({ cluster }: Asking) => cluster.version(signal),
  pods: ({ cluster, nodeName }: Asking) => cluster.listPods(nodeName, signal),
  services: ({ cluster }: Asking) => cluster.listServices(signal),
  watch: ({ cluster, nodeName, resourceVersion }: Asking) =>
    collected(cluster.watchPods(nodeName, resourceVersion, signal)),
  watchFromLongAgo: ({ cluster, nodeName }: Asking) => collected(cluster.watchPods(nodeName, '1', signal)),
  /** A list as a watch: the agent asks for none (docs/versions.md), and would read what comes. */
  streamingList: async ({ client, nodeName }: Asking): Promise<readonly WatchEvent<Pod>[]> => {
    const query =
      `fieldSelector=spec.nodeName%3D${nodeName}&watch=true&allowWatchBookmarks=true` +
      '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=4'
    const what = 'stream Pods'
    const lines = await collected(client.lines({ what, method: 'GET', path: `/api/v1/pods?${query}` }, signal))
    return lines.map((line) => decodeWatchLine(what, line, decodePod)).filter((event) => typeof event === 'object')
  },
  status: ({ cluster, pod }: Asking) => {
    const conditions = [{ type: 'Ready', status: 'False', observedGeneration: 1, lastTransitionTime: null }]
    const resources = { requests: { cpu: '100m' } }
    const image = { image: 'busybox:1.36', imageID: 'sha256:1' }
    const container = {
      name: 'main',
      ready: false,
      restartCount: 0,
      ...image,
      resources,
      allocatedResources: { cpu: '100m' },
    }
    const status = { observedGeneration: 1, hostIPs: [{ ip: '192.0.2.2' }], hostIP: '192.0.2.2', conditions }
    return cluster.patchPodStatus(pod, { ...status, containerStatuses: [container] }, signal)
  },
  statusOfAnother: ({ cluster, pod }: Asking) =>
    cluster.patchPodStatus({ ...pod, uid: nobody }, { reason: 'No' }, signal),
  deletionOfAnother: ({ cluster, pod }: Asking) => cluster.deletePod({ ...pod, uid: nobody }, signal),
  absentPod: ({ cluster, namespace }: Asking) => cluster.getPod(namespace, 'absent', signal),
  absentRuntimeClass: ({ cluster }: Asking) => cluster.getRuntimeClass('absent', signal),
  forbidden: ({ client }: Asking) =>
    client.request({ what: 'list every Secret', method: 'GET', path: '/api/v1/secrets' }, signal),
  invalid: ({ cluster, namespace }: Asking) => {
    const involvedObject = { kind: 'Pod', namespace: 'another', name: 'web' }
    return cluster.createEvent({ metadata: { name: 'web.1', namespace }, involvedObject, reason: 'Test' }, signal)
  },
  lease: ({ cluster, nodeName }: Asking) => cluster.createLease(leaseOf(nodeName), signal),
  leaseAgain: ({ cluster, nodeName }: Asking) => cluster.createLease(leaseOf(nodeName), signal),
  oldLease: ({ cluster, nodeName }: Asking) => {
    const lease = leaseOf(nodeName)
    return cluster.updateLease({ ...lease, metadata: { ...lease.metadata, resourceVersion: '1' } }, signal)
  },
  /** Only a server that can be told to let nobody through answers this with 429 (1.29 and later). */
  throttled: ({ cluster }: Asking) => cluster.version(signal),
  /** Of the administrator: what a deprecated path is answered with. */
  deprecated: ({ client }: Asking) =>
    client.request({ what: 'ask how it is', method: 'GET', path: '/api/v1/componentstatuses' }, signal),
} as const

export type Scene = keyof typeof scenes

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
export const sceneNames = Object.keys(scenes) as readonly Scene[]
