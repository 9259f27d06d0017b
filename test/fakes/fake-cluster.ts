import type { Cluster, Patch, PodKey } from '../../src/cluster/cluster.ts'
import type { Listing, WatchEvent } from '../../src/cluster/listing.ts'
import type { AccessQuestion, AccessVerdict, TokenVerdict } from '../../src/model/access.ts'
import { KubeletError } from '../../src/model/errors.ts'
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
} from '../../src/model/kube.ts'
import type { SigningRequests } from '../../src/cluster/certificates/signing-requests.ts'
import type { FakeApiServer } from './fake-api-server.ts'
import { fakeSigningRequests } from './fake-signing.ts'

export type ClusterMethod =
  | Exclude<keyof Cluster, 'close' | 'signingRequests'>
  | `signingRequests.${keyof SigningRequests}`

/** A call that was made: its method, and the name or `namespace/name` that it was about. */
export interface ClusterCall {
  readonly method: ClusterMethod
  readonly subject: string
}

export interface FakeClusterOptions {
  readonly server: FakeApiServer
  /** Whose identity it has, for what the server gives to the node of a Pod alone; any node's when left out. */
  readonly nodeName?: string
  /**
   * Runs before each call takes effect: throws to make it fail, waits to make it last. The signal is the call's; when
   * it fires, the call throws `aborted` whatever this is waiting for.
   */
  readonly before?: (call: ClusterCall, signal: AbortSignal) => void | Promise<void>
}

/**
 * The cluster port on a `FakeApiServer`. It passes the suite that the real one passes
 * (test/contract/cluster.contract.ts).
 */
export class FakeCluster implements Cluster {
  readonly signingRequests: SigningRequests
  readonly #options: FakeClusterOptions
  readonly #server: FakeApiServer
  readonly #calls: ClusterCall[] = []
  readonly #failures = new Map<ClusterMethod, KubeletError[]>()

  constructor(options: FakeClusterOptions) {
    this.#options = options
    this.#server = options.server
    this.signingRequests = fakeSigningRequests(options.server.signing, (method, name, signal) =>
      this.#enter(`signingRequests.${method}`, name, signal),
    )
  }

  /** Every call that was made so far, in order. */
  get calls(): readonly ClusterCall[] {
    return this.#calls
  }

  /** How often `method` was called. */
  count(method: ClusterMethod): number {
    return this.#calls.filter((call) => call.method === method).length
  }

  /** The next call of `method` throws `error` and does nothing else; said twice, the next two do. */
  failNext(method: ClusterMethod, error: KubeletError): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), error])
  }

  async version(signal: AbortSignal): Promise<string> {
    await this.#enter('version', '', signal)
    return 'v1.36.0'
  }

  async listPods(nodeName: string, signal: AbortSignal): Promise<Listing<Pod>> {
    await this.#enter('listPods', nodeName, signal)
    const pods = this.#server.pods.filter((pod) => pod.spec.nodeName === nodeName)
    const isUnreadable = ({ metadata }: Pod): boolean => this.#server.unreadable.has(metadata.uid)
    const unreadable = pods.filter(isUnreadable).map(({ metadata }) => metadata.uid)
    const items = pods.filter((pod) => !isUnreadable(pod))
    return { items, ...(unreadable.length > 0 ? { unreadable } : {}), resourceVersion: this.#server.version }
  }

  async *watchPods(nodeName: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Pod>> {
    await this.#enter('watchPods', nodeName, signal)
    yield* this.#server.watches.read(nodeName, Number(resourceVersion), signal)
  }

  async getPod(namespace: string, name: string, signal: AbortSignal): Promise<Pod> {
    await this.#enter('getPod', `${namespace}/${name}`, signal)
    return this.#server.requirePod(namespace, name)
  }

  async createPod(pod: PodDraft, signal: AbortSignal): Promise<Pod> {
    await this.#enter('createPod', `${pod.metadata.namespace}/${pod.metadata.name}`, signal)
    return this.#server.createMirror(pod)
  }

  async patchPodStatus(key: PodKey, status: Patch, signal: AbortSignal): Promise<Pod> {
    await this.#enter('patchPodStatus', `${key.namespace}/${key.name}`, signal)
    this.#requireSame(key)
    return this.#server.patchPodStatus(key.namespace, key.name, status)
  }

  async deletePod(key: PodKey, signal: AbortSignal): Promise<void> {
    await this.#enter('deletePod', `${key.namespace}/${key.name}`, signal)
    this.#server.deletePodNow(this.#requireSame(key))
  }

  async listObject(ref: DataObjectRef, signal: AbortSignal): Promise<Listing<DataObject>> {
    await this.#enter('listObject', subjectOf(ref), signal)
    return this.#server.objects.list(ref)
  }

  async *watchObject(
    ref: DataObjectRef,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<DataObject>> {
    await this.#enter('watchObject', subjectOf(ref), signal)
    yield* this.#server.objects.watch(ref, resourceVersion, signal)
  }

  async listServices(signal: AbortSignal): Promise<Listing<Service>> {
    await this.#enter('listServices', '', signal)
    return this.#server.objects.listServices()
  }

  async *watchServices(resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Service>> {
    await this.#enter('watchServices', '', signal)
    yield* this.#server.objects.watchServices(resourceVersion, signal)
  }

  async getRuntimeClass(name: string, signal: AbortSignal): Promise<RuntimeClass> {
    await this.#enter('getRuntimeClass', name, signal)
    return this.#server.objects.requireRuntimeClass(name)
  }

  async getClaim(namespace: string, name: string, signal: AbortSignal): Promise<PersistentVolumeClaim> {
    await this.#enter('getClaim', `${namespace}/${name}`, signal)
    return this.#server.claims.requireClaim(namespace, name)
  }

  async getPersistentVolume(name: string, signal: AbortSignal): Promise<PersistentVolume> {
    await this.#enter('getPersistentVolume', name, signal)
    return this.#server.claims.requireVolume(name)
  }

  async createToken(request: TokenRequest, signal: AbortSignal): Promise<IssuedToken> {
    await this.#enter('createToken', `${request.namespace}/${request.serviceAccount}`, signal)
    return this.#server.tokens.issue(request, this.#options.nodeName)
  }

  async reviewToken(token: string, signal: AbortSignal): Promise<TokenVerdict> {
    await this.#enter('reviewToken', '', signal)
    return this.#server.access.whose(token)
  }

  async reviewAccess(question: AccessQuestion, signal: AbortSignal): Promise<AccessVerdict> {
    await this.#enter('reviewAccess', `${question.caller.name} ${question.verb} ${question.subresource}`, signal)
    return this.#server.access.judge(question)
  }

  async createNode(node: KubeNode, signal: AbortSignal): Promise<KubeNode> {
    await this.#enter('createNode', node.metadata?.name ?? '', signal)
    return this.#server.createNode(node)
  }

  async getNode(name: string, signal: AbortSignal): Promise<KubeNode> {
    await this.#enter('getNode', name, signal)
    return this.#server.requireNode(name)
  }

  async patchNode(name: string, patch: Patch, signal: AbortSignal): Promise<KubeNode> {
    await this.#enter('patchNode', name, signal)
    return this.#server.patchNode(name, patch)
  }

  async patchNodeStatus(name: string, status: Patch, signal: AbortSignal): Promise<KubeNode> {
    await this.#enter('patchNodeStatus', name, signal)
    return this.#server.patchNodeStatus(name, status)
  }

  async getLease(name: string, signal: AbortSignal): Promise<Lease> {
    await this.#enter('getLease', name, signal)
    return this.#server.requireLease(name)
  }

  async createLease(lease: Lease, signal: AbortSignal): Promise<Lease> {
    await this.#enter('createLease', lease.metadata?.name ?? '', signal)
    return this.#server.createLease(lease)
  }

  async updateLease(lease: Lease, signal: AbortSignal): Promise<Lease> {
    await this.#enter('updateLease', lease.metadata?.name ?? '', signal)
    return this.#server.updateLease(lease)
  }

  async createEvent(event: KubeEvent, signal: AbortSignal): Promise<KubeEvent> {
    await this.#enter('createEvent', event.metadata.name ?? '', signal)
    return this.#server.createEvent(event)
  }

  async patchEvent(namespace: string, name: string, patch: Patch, signal: AbortSignal): Promise<KubeEvent> {
    await this.#enter('patchEvent', `${namespace}/${name}`, signal)
    return this.#server.patchEvent(namespace, name, patch)
  }

  close(): void {}

  #requireSame({ namespace, name, uid }: PodKey): Pod {
    const pod = this.#server.requirePod(namespace, name)
    if (pod.metadata.uid === uid) return pod
    const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`
    throw new KubeletError('conflict', message, { status: 409 })
  }

  async #enter(method: ClusterMethod, subject: string, signal: AbortSignal): Promise<void> {
    const call = { method, subject }
    this.#calls.push(call)
    await untilAborted(Promise.resolve(this.#options.before?.(call, signal)), signal)
    const failure = this.#failures.get(method)?.shift()
    if (failure !== undefined) throw failure
  }
}

function subjectOf({ kind, namespace, name }: DataObjectRef): string {
  return `${kind} ${namespace}/${name}`
}

/** Waits for `promise`, and throws `aborted` if `signal` fires before. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(new KubeletError('aborted', 'The call was aborted', { cause: signal.reason }))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  try {
    await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
