import { setTimeout as delay } from 'node:timers/promises'
import { KubeconfigCredentials } from '../../../src/cluster/credentials.ts'
import { KubeClient } from '../../../src/cluster/kube-client.ts'
import { KubeletError } from '../../../src/model/errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A server that comes back needs a moment; one that does not is the bed's fault. */
const patienceMs = 90_000

/** The administrator's way to the API server, past all proxies. A server that is away is waited for. */
export class ChaosCluster implements AsyncDisposable {
  /** Of the node and of the namespace that its Pods are in. */
  readonly name: string
  readonly #client: KubeClient

  private constructor(client: KubeClient, name: string) {
    this.#client = client
    this.name = name
  }

  /** Makes the namespace `name` and waits until Pods can be created in it. */
  static async open(kubeconfig: string, name: string, signal: AbortSignal): Promise<ChaosCluster> {
    const onFault = (error: KubeletError): never => {
      throw error
    }
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault })
    const cluster = new ChaosCluster(new KubeClient({ credentials, userAgent: 'minikubelet-chaos' }), name)
    await cluster.ask('POST', '/api/v1/namespaces', signal, { metadata: { name } })
    // The controllers make it a moment later; without it no Pod is admitted.
    while ((await cluster.find(`${cluster.namespace}/serviceaccounts/default`, signal)) === undefined) {
      await delay(100, undefined, { signal })
    }
    return cluster
  }

  /** The path of the namespace. */
  get namespace(): string {
    return `/api/v1/namespaces/${this.name}`
  }

  /** The answer; waits for a server that is away. Throws what the server refuses, as a KubeletError. */
  async ask(method: Method, path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const contentType = method === 'PATCH' ? { contentType: 'application/strategic-merge-patch+json' } : {}
    for (const until = Date.now() + patienceMs; ; await delay(200, undefined, { signal })) {
      try {
        const request = { what: `${method} ${path}`, method, path, body, limitMs: 5_000, ...contentType }
        return await this.#client.request(request, signal)
      } catch (error) {
        if (Date.now() > until || !KubeletError.is(error, 'unavailable', 'throttled', 'internal', 'unauthorized'))
          throw error
      }
    }
  }

  /** As `ask`, with `undefined` for what is not there (any more). */
  async find(path: string, signal: AbortSignal): Promise<unknown> {
    return await orAbsent(this.ask('GET', path, signal))
  }

  /** Creates it; that it is there already counts as done: an answer may have been lost. */
  async create(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    try {
      await this.ask('POST', path, signal, body)
    } catch (error) {
      if (!KubeletError.is(error, 'conflict')) throw error
    }
  }

  /** Creates or replaces it; `path` is that of its collection. */
  async put(path: string, name: string, body: unknown, signal: AbortSignal): Promise<void> {
    const isThere = (await this.find(`${path}/${name}`, signal)) !== undefined
    await (isThere ? this.ask('PUT', `${path}/${name}`, signal, body) : this.create(path, body, signal))
  }

  /** Changes it by a strategic merge patch; that it is gone, or that it ended meanwhile, is no fault. */
  async change(path: string, patch: unknown, signal: AbortSignal): Promise<void> {
    await orAbsent(this.ask('PATCH', path, signal, patch))
  }

  /** Deletes it; that it is gone already counts as done. Without `graceSeconds` the Pod's own grace holds. */
  async remove(path: string, signal: AbortSignal, graceSeconds?: number): Promise<void> {
    const grace = graceSeconds === undefined ? '' : `?gracePeriodSeconds=${graceSeconds}`
    await orAbsent(this.ask('DELETE', `${path}${grace}`, signal))
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Nothing is left to clean up: the plane goes with its data.
    this.#client.close()
    return Promise.resolve()
  }
}

async function orAbsent(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return undefined
    throw error
  }
}
