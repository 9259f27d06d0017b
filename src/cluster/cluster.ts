/**
 * The cluster port: everything that the agent asks of the API server, as plain JSON objects.
 *
 * Promises that hold for every method: it throws `KubeletError` only (`not-found`, `conflict`, `invalid`, `forbidden`,
 * `unauthorized`, `gone`, `throttled`, `unavailable`, `internal`); `signal` ends the waiting and throws `aborted`;
 * nothing is retried inside. A request that gets no answer within the adapter's time limit throws `unavailable`.
 * The fake (test/fakes/fake-cluster.ts) and the real one pass the same suite (test/contract/cluster.contract.ts).
 */
import type { AccessQuestion, AccessVerdict, TokenVerdict } from '../model/access.ts'
import type {
  DataObject,
  DataObjectRef,
  IssuedToken,
  KubeEvent,
  KubeNode,
  Lease,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDraft,
  RuntimeClass,
  Service,
  TokenRequest,
} from '../model/kube.ts'
import type { SigningRequests } from './certificates/signing-requests.ts'
import type { Listing, WatchEvent } from './listing.ts'

export interface PodKey {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** A partial object for PATCH; `null` removes a field. */
export type Patch = Readonly<Record<string, unknown>>

export interface Cluster {
  /** Requests for certificates of this node. */
  readonly signingRequests: SigningRequests

  /** The server's version, `v1.20.2`. Doubles as the reachability check. */
  version(signal: AbortSignal): Promise<string>

  /** Pods with `spec.nodeName` = this node. */
  listPods(nodeName: string, signal: AbortSignal): Promise<Listing<Pod>>

  /**
   * The changes after `resourceVersion`, with bookmarks where the server has them. Ends quietly when the server ends
   * the watch; throws `gone` on 410, `unavailable` when the connection breaks or stays silent too long to be alive.
   */
  watchPods(nodeName: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<Pod>>

  /** One of this node's Pods. `not-found` when there is none of that name, and when the server keeps it from this node. */
  getPod(namespace: string, name: string, signal: AbortSignal): Promise<Pod>

  /**
   * Creates a Pod, which must be the mirror of a static one: `conflict` when its name is taken, `not-found` when its
   * namespace is missing, `forbidden` when the Node that it names as its owner is not this one, UID included.
   */
  createPod(pod: PodDraft, signal: AbortSignal): Promise<Pod>

  /**
   * Strategic merge patch of `pods/status`, with the UID as a precondition: `conflict` or
   * `not-found` if it is another Pod.
   */
  patchPodStatus(key: PodKey, status: Patch, signal: AbortSignal): Promise<Pod>

  /**
   * Deletes the Pod object, grace 0, with the UID as a precondition: `conflict` if it is another Pod, `not-found` if
   * there is none, `unavailable` when the server says so and has it all the same.
   */
  deletePod(key: PodKey, signal: AbortSignal): Promise<void>

  /**
   * A ConfigMap or a Secret that one of this node's Pods names: at most one item, none where there is no such object.
   * `forbidden` for any other, whether it exists or not, and for a moment after the Pod was bound.
   */
  listObject(ref: DataObjectRef, signal: AbortSignal): Promise<Listing<DataObject>>

  /** The changes of that one object, as `watchPods` tells those of Pods. One that is not there yet can be watched. */
  watchObject(ref: DataObjectRef, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<DataObject>>

  /**
   * A new token of a ServiceAccount (TokenRequest), which must be bound to one of this node's Pods that runs as it, UID
   * included: `forbidden` otherwise, and for a moment after the Pod was bound. `not-found` when there is no such account or
   * Pod, `invalid` for a lifetime under 10 minutes. From Kubernetes 1.33 on the Pod must also name the audience.
   */
  createToken(request: TokenRequest, signal: AbortSignal): Promise<IssuedToken>

  /**
   * Whose a bearer token is, if it is good for the API server itself (TokenReview). A token that nobody knows is an
   * answer, no error.
   */
  reviewToken(token: string, signal: AbortSignal): Promise<TokenVerdict>

  /** Whether somebody may do something with a node (SubjectAccessReview). */
  reviewAccess(question: AccessQuestion, signal: AbortSignal): Promise<AccessVerdict>

  /** Every Service of the cluster, with nothing in it but what the type has. */
  listServices(signal: AbortSignal): Promise<Listing<Service>>

  watchServices(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<Service>>

  /** One RuntimeClass of the cluster. `not-found` when there is none of that name. */
  getRuntimeClass(name: string, signal: AbortSignal): Promise<RuntimeClass>

  /**
   * A claim that one of this node's Pods names. `not-found` when there is none of that name; `forbidden` for any other,
   * and for a moment after the Pod was bound. The message of `not-found` ends in the server's words.
   */
  getClaim(namespace: string, name: string, signal: AbortSignal): Promise<PersistentVolumeClaim>

  /** A volume that is bound to such a claim, likewise. */
  getPersistentVolume(name: string, signal: AbortSignal): Promise<PersistentVolume>

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
