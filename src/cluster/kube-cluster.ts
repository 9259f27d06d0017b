import type { AccessQuestion, AccessVerdict, TokenVerdict } from '../model/access.ts'
import { KubeletError } from '../model/errors.ts'
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
import { KubeSigningRequests } from './certificates/kube-signing-requests.ts'
import type { SigningRequests } from './certificates/signing-requests.ts'
import type { Cluster, Patch, PodKey } from './cluster.ts'
import type { Listing, WatchEvent } from './listing.ts'
import {
  requireClaim,
  requireEvent,
  requireLease,
  requireNode,
  requirePersistentVolume,
  requirePod,
  requireRuntimeClass,
  requireToken,
} from './decode-object.ts'
import { isJsonObject, stringAt } from './json-object.ts'
import type { JsonClient } from './kube-client.ts'
import { reviewAccess, reviewToken } from './reviews.ts'
import { objectOf, podsOf, services } from './kube-collections.ts'
import { KubeLists, type KubeListsOptions } from './kube-lists.ts'

/** Heartbeats have the kubelet's own limit: one that takes longer has missed its turn. */
const heartbeat = { lane: 'express', limitMs: 10_000 } as const
const mergePatch = 'application/strategic-merge-patch+json'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/** The cluster port on a real API server; the promises are the port's. */
export class KubeCluster implements Cluster {
  readonly signingRequests: SigningRequests
  readonly #client: JsonClient
  readonly #lists: KubeLists

  constructor(client: JsonClient, options: KubeListsOptions) {
    this.#client = client
    this.#lists = new KubeLists(client, options)
    this.signingRequests = new KubeSigningRequests(client, this.#lists)
  }

  async version(signal: AbortSignal): Promise<string> {
    const answer = await this.#client.request({ what: 'ask for the version', method: 'GET', path: '/version' }, signal)
    return (isJsonObject(answer) ? stringAt(answer, 'gitVersion') : undefined) ?? 'unknown'
  }

  listPods(nodeName: string, signal: AbortSignal): Promise<Listing<Pod>> {
    return this.#lists.list(podsOf(nodeName), signal)
  }

  watchPods(nodeName: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<Pod>> {
    return this.#lists.watch(podsOf(nodeName), resourceVersion, signal)
  }

  listObject(ref: DataObjectRef, signal: AbortSignal): Promise<Listing<DataObject>> {
    return this.#lists.list(objectOf(ref), signal)
  }

  watchObject(ref: DataObjectRef, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<DataObject>> {
    return this.#lists.watch(objectOf(ref), resourceVersion, signal)
  }

  listServices(signal: AbortSignal): Promise<Listing<Service>> {
    return this.#lists.list(services, signal)
  }

  watchServices(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<Service>> {
    return this.#lists.watch(services, resourceVersion, signal)
  }

  async getPod(namespace: string, name: string, signal: AbortSignal): Promise<Pod> {
    const what = `get Pod "${namespace}/${name}"`
    try {
      return requirePod(
        what,
        await this.#client.request({ what, method: 'GET', path: podPath(namespace, name) }, signal),
      )
    } catch (error) {
      // From Kubernetes 1.32 on a node is told of its own Pods only: of one that is gone, too, it hears that it may not.
      if (!KubeletError.is(error, 'forbidden')) throw error
      throw new KubeletError('not-found', error.message, { cause: error, status: 403 })
    }
  }

  async createPod(pod: PodDraft, signal: AbortSignal): Promise<Pod> {
    const { namespace, name } = pod.metadata
    const what = `create Pod "${namespace}/${name}"`
    const request = { what, method: 'POST', path: podsPath(namespace), body: pod } as const
    return requirePod(what, await this.#client.request(request, signal))
  }

  async patchPodStatus({ namespace, name, uid }: PodKey, status: Patch, signal: AbortSignal): Promise<Pod> {
    const what = `patch the status of Pod "${namespace}/${name}"`
    const request = {
      what,
      method: 'PATCH',
      path: `${podPath(namespace, name)}/status`,
      body: { metadata: { uid }, status },
      contentType: mergePatch,
    } as const
    return requirePod(what, await this.#client.request(request, signal))
  }

  async deletePod(key: PodKey, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = key
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } }
    const what = `delete Pod "${namespace}/${name}"`
    try {
      await this.#client.request({ what, method: 'DELETE', path: podPath(namespace, name), body }, signal)
    } catch (error) {
      // NodeRestriction looks a Pod up in a cache of its own, which is empty for a moment when the server has started
      // (plugin/pkg/admission/noderestriction): that answer alone would leave the Pod there for good.
      if (!KubeletError.is(error, 'not-found') || !(await this.#hasPod(key, signal))) throw error
      throw new KubeletError('unavailable', `${error.message}, and the server has it`, { cause: error })
    }
  }

  async getRuntimeClass(name: string, signal: AbortSignal): Promise<RuntimeClass> {
    const what = `get RuntimeClass "${name}"`
    const path = `/apis/node.k8s.io/v1/runtimeclasses/${encodeURIComponent(name)}`
    return requireRuntimeClass(what, await this.#client.request({ what, method: 'GET', path }, signal))
  }

  async getClaim(namespace: string, name: string, signal: AbortSignal): Promise<PersistentVolumeClaim> {
    const what = `get claim "${namespace}/${name}"`
    const claims = `/api/v1/namespaces/${encodeURIComponent(namespace)}/persistentvolumeclaims`
    const path = `${claims}/${encodeURIComponent(name)}`
    return requireClaim(what, await this.#client.request({ what, method: 'GET', path }, signal))
  }

  async getPersistentVolume(name: string, signal: AbortSignal): Promise<PersistentVolume> {
    const what = `get PersistentVolume "${name}"`
    const path = `/api/v1/persistentvolumes/${encodeURIComponent(name)}`
    return requirePersistentVolume(what, await this.#client.request({ what, method: 'GET', path }, signal))
  }

  async createToken({ namespace, serviceAccount, spec }: TokenRequest, signal: AbortSignal): Promise<IssuedToken> {
    const what = `ask for a token of ServiceAccount "${namespace}/${serviceAccount}"`
    const accounts = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`
    const path = `${accounts}/${encodeURIComponent(serviceAccount)}/token`
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    return requireToken(what, await this.#client.request({ what, method: 'POST', path, body }, signal))
  }

  reviewToken(token: string, signal: AbortSignal): Promise<TokenVerdict> {
    return reviewToken(this.#client, token, signal)
  }

  reviewAccess(question: AccessQuestion, signal: AbortSignal): Promise<AccessVerdict> {
    return reviewAccess(this.#client, question, signal)
  }

  async createNode(node: KubeNode, signal: AbortSignal): Promise<KubeNode> {
    const what = `create node "${node.metadata?.name ?? ''}"`
    const request = { what, method: 'POST', path: '/api/v1/nodes', body: node, ...heartbeat } as const
    return requireNode(what, await this.#client.request(request, signal))
  }

  async getNode(name: string, signal: AbortSignal): Promise<KubeNode> {
    const what = `get node "${name}"`
    const request = { what, method: 'GET', path: nodePath(name), ...heartbeat } as const
    return requireNode(what, await this.#client.request(request, signal))
  }

  async patchNode(name: string, patch: Patch, signal: AbortSignal): Promise<KubeNode> {
    return this.#patchNodeAt(nodePath(name), `patch node "${name}"`, patch, signal)
  }

  async patchNodeStatus(name: string, patch: Patch, signal: AbortSignal): Promise<KubeNode> {
    return this.#patchNodeAt(
      `${nodePath(name)}/status`,
      `patch the status of node "${name}"`,
      { status: patch },
      signal,
    )
  }

  async getLease(name: string, signal: AbortSignal): Promise<Lease> {
    const what = `get lease "${name}"`
    const request = { what, method: 'GET', path: `${leases}/${encodeURIComponent(name)}`, ...heartbeat } as const
    return requireLease(what, await this.#client.request(request, signal))
  }

  async createLease(lease: Lease, signal: AbortSignal): Promise<Lease> {
    const what = `create lease "${lease.metadata?.name ?? ''}"`
    const request = { what, method: 'POST', path: leases, body: lease, ...heartbeat } as const
    return requireLease(what, await this.#client.request(request, signal))
  }

  async updateLease(lease: Lease, signal: AbortSignal): Promise<Lease> {
    const name = lease.metadata?.name ?? ''
    const what = `renew lease "${name}"`
    const request = {
      what,
      method: 'PUT',
      path: `${leases}/${encodeURIComponent(name)}`,
      body: lease,
      ...heartbeat,
    } as const
    return requireLease(what, await this.#client.request(request, signal))
  }

  async createEvent(event: KubeEvent, signal: AbortSignal): Promise<KubeEvent> {
    const what = `create event "${event.metadata.name ?? ''}"`
    const request = {
      what,
      method: 'POST',
      path: eventsPath(event.metadata.namespace ?? 'default'),
      body: event,
    } as const
    return requireEvent(what, await this.#client.request(request, signal))
  }

  async patchEvent(namespace: string, name: string, patch: Patch, signal: AbortSignal): Promise<KubeEvent> {
    const what = `patch event "${namespace}/${name}"`
    const path = `${eventsPath(namespace)}/${encodeURIComponent(name)}`
    const request = { what, method: 'PATCH', path, body: patch, contentType: mergePatch } as const
    return requireEvent(what, await this.#client.request(request, signal))
  }

  close(): void {
    this.#client.close()
  }

  async #patchNodeAt(path: string, what: string, body: Patch, signal: AbortSignal): Promise<KubeNode> {
    const request = { what, method: 'PATCH', path, body, contentType: mergePatch, ...heartbeat } as const
    return requireNode(what, await this.#client.request(request, signal))
  }

  async #hasPod({ namespace, name, uid }: PodKey, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.getPod(namespace, name, signal)).metadata.uid === uid
    } catch (error) {
      if (KubeletError.is(error, 'not-found')) return false
      throw error
    }
  }
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
}

function podPath(namespace: string, name: string): string {
  return `${podsPath(namespace)}/${encodeURIComponent(name)}`
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`
}

function eventsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`
}
