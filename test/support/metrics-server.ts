import { createServer } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { everyStep } from './every-step.ts'
import type { Kubectl } from './kubectl.ts'
import { selfSigned } from './self-signed.ts'

/** What was read of a node, or of a container: CPU time in nanoseconds, memory in bytes, times in milliseconds. */
interface Point {
  cpuNs: number
  memoryBytes: number
  atMs: number
  startedAtMs: number
}

interface Batch {
  readonly node: Point
  /** By namespace and name of the Pod, then by container. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Point>>
}

const group = 'metrics.k8s.io'
const version = 'v1beta1'
const base = `/apis/${group}/${version}`
const service = `${version}.${group}`

/**
 * A small stand-in for metrics-server: it reads a node's `/metrics/resource` through the API server, by the rules of
 * metrics-server's parser, and serves what `kubectl top` asks for, from what it read last and before that.
 */
export class MetricsServer implements AsyncDisposable {
  readonly #kubectl: Kubectl
  readonly #node: string
  readonly #server = createServer(selfSigned, (request, response) => void this.#answer(request, response))
  #before: Batch | undefined

  private constructor(kubectl: Kubectl, node: string) {
    this.#kubectl = kubectl
    this.#node = node
  }

  /** Reads for the first time, and has the API server hand on to it what is asked of metrics. */
  static async start(kubectl: Kubectl, node: string): Promise<MetricsServer> {
    const server = new MetricsServer(kubectl, node)
    server.#before = await server.#read()
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    const address = server.#server.address()
    try {
      await server.#register(typeof address === 'object' && address !== null ? address.port : 0)
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  async #register(port: number): Promise<void> {
    const metadata = { name: `metrics-${this.#node}`, namespace: this.#kubectl.namespace }
    const spec = { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] }
    await this.#kubectl.feed('apply', { apiVersion: 'v1', kind: 'Service', metadata, spec })
    await this.#kubectl.feed('apply', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: service },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: metadata.name, namespace: metadata.namespace, port },
      },
    })
    await this.#untilServed()
  }

  /** What the API server says of the service is true of its own connection, not yet of what it hands on to others. */
  async #untilServed(): Promise<void> {
    const deadline = Date.now() + 60_000
    const ask = (): Promise<string> => this.#kubectl.run('get', '--raw', `${base}/nodes/${this.#node}`)
    for (;;) {
      try {
        await ask()
        return
      } catch (error) {
        if (Date.now() > deadline) throw error
        await delay(100)
      }
    }
  }

  async #read(): Promise<Batch> {
    return decodeBatch(await this.#kubectl.run('get', '--raw', `/api/v1/nodes/${this.#node}/proxy/metrics/resource`))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? ''
    try {
      const body = await this.#answerTo(path)
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }))
    } catch (error) {
      response.writeHead(500)
      response.end(String(error))
    }
  }

  async #answerTo(path: string): Promise<object | undefined> {
    if (path === base) return discovery
    const [, node] = new RegExp(`^${base}/nodes/([^/]+)$`, 'u').exec(path) ?? []
    const [, namespace, pod] = new RegExp(`^${base}/namespaces/([^/]+)/pods/([^/]+)$`, 'u').exec(path) ?? []
    const before = this.#before
    if (before === undefined || (node ?? pod) === undefined) return undefined
    const last = await this.#read()
    if (node !== undefined) return { ...meta('NodeMetrics', { name: node }), ...windowOf(last.node, before.node) }
    const points = last.pods.get(`${namespace}/${pod}`)
    const older = before.pods.get(`${namespace}/${pod}`)
    if (points === undefined || older === undefined) return undefined
    const containers = [...points].map(([name, point]) => {
      const earlier = older.get(name)
      // A container that was restarted meanwhile is left out until it has been seen twice.
      if (earlier === undefined || point.startedAtMs >= earlier.atMs) throw new Error(`${name} is new`)
      return { name, ...windowOf(point, earlier) }
    })
    return { ...meta('PodMetrics', { name: pod, namespace }), ...containers[0], containers }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await everyStep(
      () => this.#kubectl.run('delete', 'apiservice', service, '--ignore-not-found', '--wait=false'),
      () => this.#server.close(),
      () => this.#server.closeAllConnections(),
    )
  }
}

const discovery = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/${version}`,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
}

function meta(kind: string, metadata: object): object {
  return {
    kind,
    apiVersion: `${group}/${version}`,
    metadata: { ...metadata, creationTimestamp: new Date().toISOString() },
  }
}

/** resourceUsage in pkg/storage/types.go of metrics-server. */
function windowOf(last: Point, before: Point): object {
  if (last.cpuNs < before.cpuNs) throw new Error('unexpected decrease in cumulative CPU usage value')
  const windowMs = last.atMs - before.atMs
  const nanoCores = Math.trunc(((last.cpuNs - before.cpuNs) / windowMs) * 1000)
  return {
    timestamp: new Date(last.atMs).toISOString(),
    window: `${windowMs}ms`,
    usage: { cpu: `${nanoCores}n`, memory: `${Math.trunc(last.memoryBytes / 1024)}Ki` },
  }
}

/** decodeBatch in pkg/scraper/client/resource/decode.go of metrics-server. */
function decodeBatch(text: string): Batch {
  const node = emptyPoint()
  const pods = new Map<string, Map<string, Point>>()
  for (const line of text.split('\n')) {
    const [, series = '', value = '', time = ''] = /^([^#\s{]+(?:\{.*\})?) (\S+)(?: (\d+))?$/u.exec(line) ?? []
    const [name = '', labels = ''] = series.split(/(?=\{)/u)
    const set = members.get(name)
    if (set === undefined) continue
    if (name.startsWith('node_')) {
      set(node, Number(value), Number(time))
      continue
    }
    const pod = `${label(labels, 'namespace')}/${label(labels, 'pod')}`
    const containers = pods.get(pod) ?? new Map<string, Point>()
    const point = containers.get(label(labels, 'container')) ?? emptyPoint()
    set(point, Number(value), Number(time))
    pods.set(pod, containers.set(label(labels, 'container'), point))
  }
  if (node.atMs === 0 || node.cpuNs === 0 || node.memoryBytes === 0)
    throw new Error('Failed getting complete node metric')
  // A Pod of which one container has no figure is left out as a whole.
  const whole = [...pods].filter(([, containers]) =>
    [...containers.values()].every((point) => point.cpuNs > 0 && point.memoryBytes > 0),
  )
  return { node, pods: new Map(whole) }
}

type SetMember = (point: Point, value: number, atMs: number) => void

const members = new Map<string, SetMember>([
  ['node_cpu_usage_seconds_total', setCpu],
  ['container_cpu_usage_seconds_total', setCpu],
  ['node_memory_working_set_bytes', setMemory],
  ['container_memory_working_set_bytes', setMemory],
  ['container_start_time_seconds', (point, value) => (point.startedAtMs = value * 1000)],
])

function setCpu(point: Point, value: number, atMs: number): void {
  point.cpuNs = Math.trunc(value * 1e9)
  point.atMs = atMs
}

function setMemory(point: Point, value: number, atMs: number): void {
  point.memoryBytes = value
  point.atMs = atMs
}

function emptyPoint(): Point {
  return { cpuNs: 0, memoryBytes: 0, atMs: 0, startedAtMs: 0 }
}

/** By the first place at which it is written. */
function label(labels: string, name: string): string {
  return labels.split(`${name}="`)[1]?.split('"', 1)[0] ?? ''
}
