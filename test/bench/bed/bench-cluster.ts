import { setTimeout as delay } from 'node:timers/promises'
import { KubeconfigCredentials } from '../../../src/cluster/credentials.ts'
import { requirePod } from '../../../src/cluster/decode-object.ts'
import { isJsonObject, objectAt } from '../../../src/cluster/json-object.ts'
import { KubeClient } from '../../../src/cluster/kube-client.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { askNode } from './ask-node.ts'
import { benchPod, type BenchPart } from './bench-pod.ts'
import { NodeWatch } from './node-watch.ts'
import { PodWatch, type PodChange } from './pod-watch.ts'

/** A namespace and a node of the bench's own on the API server, and the client that measures. */
export class BenchCluster implements AsyncDisposable {
  readonly nodeName: string
  readonly #client: KubeClient
  readonly #signal: AbortSignal
  readonly #watching = new AbortController()
  readonly #watch: PodWatch
  readonly #nodeWatch: NodeWatch
  readonly #credentials: KubeconfigCredentials
  readonly #pods: string

  private constructor(client: KubeClient, credentials: KubeconfigCredentials, nodeName: string, signal: AbortSignal) {
    this.#client = client
    this.#credentials = credentials
    this.nodeName = nodeName
    this.#signal = signal
    this.#pods = `/api/v1/namespaces/${nodeName}/pods`
    this.#watch = new PodWatch(this.#client, nodeName, this.#watching.signal)
    this.#nodeWatch = new NodeWatch(this.#client, nodeName, this.#watching.signal)
  }

  /** Makes the namespace, called like the node; that is the agent's to register. */
  static async open(kubeconfig: string, nodeName: string, signal: AbortSignal): Promise<BenchCluster> {
    const onFault = (error: KubeletError): never => {
      throw error
    }
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault })
    const client = new KubeClient({ credentials, userAgent: 'minikubelet-bench' })
    const body = { metadata: { name: nodeName } }
    await client.request({ what: 'create a namespace', method: 'POST', path: '/api/v1/namespaces', body }, signal)
    // The controllers make it a moment later; without it no Pod is admitted.
    const account = `/api/v1/namespaces/${nodeName}/serviceaccounts/default`
    while (!(await exists(client, account, signal))) await delay(100, undefined, { signal })
    return new BenchCluster(client, credentials, nodeName, signal)
  }

  /** Creates the Pod; milliseconds from the request until the watch has shown it Ready. */
  async start(name: string, part: BenchPart = {}): Promise<number> {
    const ready = this.#watch.when(name, 'ready')
    const startedAtMs = performance.now()
    await this.create(name, part)
    return (await ready) - startedAtMs
  }

  /** Creates the Pod, and waits for nothing. */
  async create(name: string, part: BenchPart = {}): Promise<void> {
    const body = benchPod(name, this.nodeName, part)
    await this.#client.request({ what: 'create a Pod', method: 'POST', path: this.#pods, body }, this.#signal)
  }

  /** The moment (`performance.now()`) in which the Pod was first seen to be so. Ask before it can be. */
  when(name: string, change: PodChange): Promise<number> {
    return this.#watch.when(name, change)
  }

  /** The moment (`performance.now()`) in which the agent was first seen to say that its Node is Ready, after another one. */
  nodeReadyAfter(afterMs: number): Promise<number> {
    return this.#nodeWatch.readyAfter(afterMs, this.#signal)
  }

  /** What the agent says of itself at /metrics, asked on this machine as the administrator. */
  async metrics(): Promise<string> {
    const path = `/api/v1/nodes/${this.nodeName}`
    const node = await this.#client.request({ what: 'get a Node', method: 'GET', path }, this.#signal)
    const status = objectAt(isJsonObject(node) ? node : {}, 'status')
    const { Port: port } = objectAt(objectAt(status, 'daemonEndpoints'), 'kubeletEndpoint')
    return await askNode(Number(port), '/metrics', await this.#credentials.current(this.#signal), this.#signal)
  }

  /** Creates or replaces a ConfigMap. */
  async putConfigMap(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const path = `/api/v1/namespaces/${this.nodeName}/configmaps`
    const body = { metadata: { name }, data }
    const isThere = await exists(this.#client, `${path}/${name}`, this.#signal)
    const call = isThere ? ({ method: 'PUT', path: `${path}/${name}` } as const) : ({ method: 'POST', path } as const)
    await this.#client.request({ what: 'write a ConfigMap', ...call, body }, this.#signal)
  }

  /** The UID of a Pod. */
  async uidOf(name: string): Promise<string> {
    const path = `${this.#pods}/${name}`
    const pod = await this.#client.request({ what: 'get a Pod', method: 'GET', path }, this.#signal)
    return requirePod('get a Pod', pod).metadata.uid
  }

  /** Deletes the Pod with its grace; milliseconds from the request until the watch has shown it gone. */
  async end(name: string): Promise<number> {
    const gone = this.#watch.when(name, 'gone')
    const startedAtMs = performance.now()
    await this.#client.request({ what: 'delete a Pod', method: 'DELETE', path: `${this.#pods}/${name}` }, this.#signal)
    return (await gone) - startedAtMs
  }

  /** Removes namespace and node. Not with the run's signal: it must happen after that has fired, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { signal } = new AbortController()
    // Those that an interrupted run has left: their agent is gone, so nobody ends them.
    const leftovers = `${this.#pods}?gracePeriodSeconds=0`
    try {
      for (const path of [leftovers, `/api/v1/namespaces/${this.nodeName}`, `/api/v1/nodes/${this.nodeName}`]) {
        // The node is there only if the agent came as far as registering it.
        if (!(await exists(this.#client, path, signal))) continue
        await this.#client.request({ what: `delete ${path}`, method: 'DELETE', path }, signal)
      }
    } finally {
      this.#watching.abort()
      this.#client.close()
    }
  }
}

async function exists(client: KubeClient, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.request({ what: `get ${path}`, method: 'GET', path }, signal)
    return true
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return false
    throw error
  }
}
