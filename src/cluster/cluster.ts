/**
 * The cluster port: everything that the agent asks of the API server, as plain JSON objects.
 *
 * Promises that hold for every method: it throws `KubeletError` only (`not-found`, `conflict`, `invalid`, `forbidden`,
 * `unauthorized`, `gone`, `throttled`, `unavailable`, `internal`); `signal` ends the waiting and throws `aborted`;
 * nothing is retried inside. A request that gets no answer within the adapter's time limit throws `unavailable`.
 * The fake (test/fakes/fake-cluster.ts) and the real one pass the same suite (test/contract/cluster.contract.ts).
 */
import type { KubeEvent, KubeNode, Lease, Pod, PodDraft, Secret } from '../model/kube.ts'

export interface PodList {
  readonly items: readonly Pod[]
  /** Where a watch goes on from here. */
  readonly resourceVersion: string
}

/** One line of a watch. `error` lines of the server are thrown instead (`gone` for 410). */
export type PodWatchEvent =
  | { readonly kind: 'set'; readonly pod: Pod }
  | { readonly kind: 'deleted'; readonly pod: Pod }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

export interface PodKey {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** A partial object for PATCH; `null` removes a field. */
export type Patch = Readonly<Record<string, unknown>>

export interface Cluster {
  /** The server's version, `v1.20.2`. Doubles as the reachability check. */
  version(signal: AbortSignal): Promise<string>

  /** Pods with `spec.nodeName` = this node. */
  listPods(nodeName: string, signal: AbortSignal): Promise<PodList>

  /**
   * The changes after `resourceVersion`, with bookmarks where the server has them. Ends quietly when the server ends
   * the watch; throws `gone` on 410, `unavailable` when the connection breaks or stays silent too long to be alive.
   */
  watchPods(nodeName: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<PodWatchEvent>

  /** One of this node's Pods. `not-found` when there is none of that name, and when the server keeps it from this node. */
  getPod(namespace: string, name: string, signal: AbortSignal): Promise<Pod>

  /**
   * Creates a Pod, which must be the mirror of a static one: `conflict` when its name is taken, `not-found` when its
   * namespace is missing, `forbidden` when the Node that it names as its owner is not this one, UID included.
   */
  createPod(pod: PodDraft, signal: AbortSignal): Promise<Pod>

  /** Strategic merge patch of `pods/status`, with the UID as a precondition: `conflict` or `not-found` if it is another Pod. */
  patchPodStatus(key: PodKey, status: Patch, signal: AbortSignal): Promise<Pod>

  /** Deletes the Pod object, grace 0, with the UID as a precondition. */
  deletePod(key: PodKey, signal: AbortSignal): Promise<void>

  /**
   * A secret that one of this node's Pods names; its `data` is in base64. `forbidden` for any other, for one that does not
   * exist, too, where nobody names it, and for a moment after the Pod was bound.
   */
  getSecret(namespace: string, name: string, signal: AbortSignal): Promise<Secret>

  createNode(node: KubeNode, signal: AbortSignal): Promise<KubeNode>
  getNode(name: string, signal: AbortSignal): Promise<KubeNode>
  /** Strategic merge patch of the Node itself, `{ metadata: { labels: … } }`. */
  patchNode(name: string, patch: Patch, signal: AbortSignal): Promise<KubeNode>
  /** Strategic merge patch of `nodes/status`; `status` is what goes under that key. */
  patchNodeStatus(name: string, status: Patch, signal: AbortSignal): Promise<KubeNode>

  /** Leases of the namespace `kube-node-lease`. */
  getLease(name: string, signal: AbortSignal): Promise<Lease>
  createLease(lease: Lease, signal: AbortSignal): Promise<Lease>
  /** PUT: the lease carries the resourceVersion it is based on. */
  updateLease(lease: Lease, signal: AbortSignal): Promise<Lease>

  createEvent(event: KubeEvent, signal: AbortSignal): Promise<KubeEvent>
  patchEvent(namespace: string, name: string, patch: Patch, signal: AbortSignal): Promise<KubeEvent>

  /** Closes idle connections. */
  close(): void
}
