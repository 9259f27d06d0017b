import { KubeletError } from '../model/errors.ts'
import type { KubeEvent, KubeNode, Lease, Pod, PodDraft, Secret } from '../model/kube.ts'
import type { Cluster, Patch, PodKey, PodList, PodWatchEvent } from './cluster.ts'
import {
  decodePod,
  decodeWatchLine,
  requireEvent,
  requireLease,
  requireNode,
  requirePod,
  requireSecret,
} from './decode-object.ts'
import { isJsonObject, objectAt, stringAt } from './json-object.ts'
import type { JsonClient } from './kube-client.ts'

export interface KubeClusterOptions {
  /** Told of each Pod that lacks what every Pod has, in a sentence; it is left out of the list or the watch. */
  readonly onUndecodable: (message: string) => void
  readonly watch?: WatchLimits
}

export interface WatchLimits {
  /** The server is asked to end a watch after this many seconds, or up to half as many more. */
  readonly seconds: number
  /** A watch that the server has not ended so long after that is dead. */
  readonly graceMs: number
}

/**
 * A dead connection can look like a quiet watch for ever. HTTP/1.1 has no ping, and bookmarks are not promised, but that
 * the server ends the watch when it was asked to is. So a short watch notices soonest, at the price of a small request
 * each time. With these limits it takes 50 s at most; the kubelet's HTTP/2 pings take 45 s.
 */
const defaultWatchLimits: WatchLimits = { seconds: 30, graceMs: 5_000 }

/** Heartbeats have the kubelet's own limit: one that takes longer has missed its turn. */
const heartbeat = { lane: 'express', limitMs: 10_000 } as const
const mergePatch = 'application/strategic-merge-patch+json'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/** The cluster port on a real API server; the promises are the port's. */
export class KubeCluster implements Cluster {
  readonly #client: JsonClient
  readonly #options: KubeClusterOptions

  constructor(client: JsonClient, options: KubeClusterOptions) {
    this.#client = client
    this.#options = options
  }

  async version(signal: AbortSignal): Promise<string> {
    const answer = await this.#client.request({ what: 'ask for the version', method: 'GET', path: '/version' }, signal)
    return (isJsonObject(answer) ? stringAt(answer, 'gitVersion') : undefined) ?? 'unknown'
  }

  async listPods(nodeName: string, signal: AbortSignal): Promise<PodList> {
    const what = `list the Pods of node "${nodeName}"`
    // No resourceVersion: the newest state there is. From a cache that lags behind, a restarted agent would not see a
    // Pod that it had already started, and would take its containers for orphans.
    const answer = await this.#client.request({ what, method: 'GET', path: podsOf(nodeName, {}) }, signal)
    const list = isJsonObject(answer) ? answer : {}
    const items: readonly unknown[] = Array.isArray(list['items']) ? list['items'] : []
    return {
      items: items.map((item) => this.#decoded(item, decodePod(item))).filter((pod) => pod !== undefined),
      resourceVersion: stringAt(objectAt(list, 'metadata'), 'resourceVersion') ?? '',
    }
  }

  async *watchPods(nodeName: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<PodWatchEvent> {
    const what = `watch the Pods of node "${nodeName}"`
    const { seconds, graceMs } = this.#options.watch ?? defaultWatchLimits
    const timeoutSeconds = Math.round(seconds * (1 + Math.random() / 2))
    const query = {
      resourceVersion,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(timeoutSeconds),
    }
    const lines = this.#client.lines(
      { what, method: 'GET', path: podsOf(nodeName, query), lane: 'express', limitMs: timeoutSeconds * 1000 + graceMs },
      signal,
    )
    for await (const line of lines) {
      const event = this.#decoded(isJsonObject(line) ? line['object'] : line, decodeWatchLine(what, line))
      if (event !== undefined) yield event
    }
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

  async deletePod({ namespace, name, uid }: PodKey, signal: AbortSignal): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } }
    const what = `delete Pod "${namespace}/${name}"`
    await this.#client.request({ what, method: 'DELETE', path: podPath(namespace, name), body }, signal)
  }

  async getSecret(namespace: string, name: string, signal: AbortSignal): Promise<Secret> {
    const what = `get secret "${namespace}/${name}"`
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
    return requireSecret(what, await this.#client.request({ what, method: 'GET', path }, signal))
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

  /** What was decoded, or nothing: then the Pod is reported instead. */
  #decoded<T>(raw: unknown, decoded: T | string): T | undefined {
    if (typeof decoded !== 'string') return decoded
    const metadata = isJsonObject(raw) ? objectAt(raw, 'metadata') : {}
    const name = `${stringAt(metadata, 'namespace') ?? '?'}/${stringAt(metadata, 'name') ?? '?'}`
    this.#options.onUndecodable(`Ignoring Pod "${name}" of the API server: ${decoded}`)
    return undefined
  }
}

function podsOf(nodeName: string, query: Readonly<Record<string, string>>): string {
  // The Node authorizer insists on this selector.
  const selector = new URLSearchParams({ fieldSelector: `spec.nodeName=${nodeName}`, ...query })
  return `/api/v1/pods?${selector.toString()}`
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
