import type { Listing, WatchEvent } from '../../src/cluster/listing.ts'
import { KubeletError } from '../../src/model/errors.ts'
import type { DataObject, DataObjectRef, Pod, RuntimeClass, Service, ServicePort } from '../../src/model/kube.ts'
import { WatchLog } from './watch-log.ts'

/** What a test says of a ConfigMap or a Secret; the server adds the rest. */
export interface NewObject extends DataObjectRef {
  readonly type?: string
  readonly immutable?: boolean
  /** In base64 for a Secret. */
  readonly data: Readonly<Record<string, string>>
}

export interface NewService {
  readonly namespace: string
  readonly name: string
  /** `None` for one without an address; by default the server gives one. */
  readonly clusterIP?: string
  readonly ports: readonly ServicePort[]
}

/** The server's side of it all, as far as this needs it. */
export interface ObjectServer {
  readonly version: string
  readonly pods: readonly Pod[]
  /** Counts a change: its version. */
  changed(): string
}

/** The ConfigMaps, Secrets, Services and RuntimeClasses of a fake API server. */
export class FakeObjects {
  readonly watches = new WatchLog<DataObject>()
  readonly serviceWatches = new WatchLog<Service>()
  readonly #server: ObjectServer
  readonly #objects = new Map<string, DataObject>()
  readonly #services = new Map<string, Service>()
  readonly #runtimeClasses = new Map<string, RuntimeClass>()

  constructor(server: ObjectServer) {
    this.#server = server
  }

  /** A user creates or replaces one. */
  put({ kind, namespace, name, ...content }: NewObject): void {
    const key = keyOf({ kind, namespace, name })
    const uid = this.#objects.get(key)?.metadata.uid ?? `uid-of-${namespace}-${name}`
    const object = { metadata: { namespace, name, uid, resourceVersion: this.#server.changed() }, ...content }
    this.#objects.set(key, object)
    this.watches.append(Number(this.#server.version), key, { kind: 'set', object })
  }

  /** A user deletes one, if it is there. */
  delete(ref: DataObjectRef): void {
    const key = keyOf(ref)
    const object = this.#objects.get(key)
    if (object === undefined) return
    this.#objects.delete(key)
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: this.#server.changed() } }
    this.watches.append(Number(this.#server.version), key, { kind: 'deleted', object: last })
  }

  /** As the server answers a node: of what none of its Pods names it may not even know whether it exists. */
  list(ref: DataObjectRef): Listing<DataObject> {
    this.#requireNamed(ref)
    const object = this.#objects.get(keyOf(ref))
    return { items: object === undefined ? [] : [object], resourceVersion: this.#server.version }
  }

  async *watch(ref: DataObjectRef, version: string, signal: AbortSignal): AsyncGenerator<WatchEvent<DataObject>> {
    this.#requireNamed(ref)
    yield* this.watches.read(keyOf(ref), Number(version), signal)
  }

  putService({ namespace, name, clusterIP = `10.96.0.${this.#services.size + 1}`, ports }: NewService): void {
    const metadata = { namespace, name, resourceVersion: this.#server.changed() }
    const object = { metadata, spec: { clusterIP, ports } }
    this.#services.set(`${namespace}/${name}`, object)
    this.serviceWatches.append(Number(this.#server.version), undefined, { kind: 'set', object })
  }

  deleteService(namespace: string, name: string): void {
    const object = this.#services.get(`${namespace}/${name}`)
    if (object === undefined) throw new KubeletError('not-found', `services "${name}" not found`, { status: 404 })
    this.#services.delete(`${namespace}/${name}`)
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: this.#server.changed() } }
    this.serviceWatches.append(Number(this.#server.version), undefined, { kind: 'deleted', object: last })
  }

  listServices(): Listing<Service> {
    return { items: [...this.#services.values()], resourceVersion: this.#server.version }
  }

  watchServices(version: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Service>> {
    return this.serviceWatches.read('', Number(version), signal)
  }

  putRuntimeClass(name: string, handler: string): void {
    this.#runtimeClasses.set(name, { metadata: { name, resourceVersion: this.#server.changed() }, handler })
  }

  deleteRuntimeClass(name: string): void {
    this.#runtimeClasses.delete(name)
  }

  requireRuntimeClass(name: string): RuntimeClass {
    const found = this.#runtimeClasses.get(name)
    if (found !== undefined) return found
    throw new KubeletError('not-found', `runtimeclasses.node.k8s.io "${name}" not found`, { status: 404 })
  }

  #requireNamed({ kind, namespace, name }: DataObjectRef): void {
    const named = this.#server.pods.filter((pod) => pod.metadata.namespace === namespace)
    if (named.some(({ spec }) => namesIt(spec, kind, name))) return
    const resource = `${kind.toLowerCase()}s`
    const message = `${resource} "${name}" is forbidden: no relationship found between node and this object`
    throw new KubeletError('forbidden', message, { status: 403 })
  }
}

const members = {
  ConfigMap: ['configMapRef', 'configMapKeyRef', 'configMap'],
  Secret: ['secretRef', 'secretKeyRef', 'secret', 'imagePullSecrets'],
} as const

/** Whether a member that refers to this kind names it, anywhere below. */
function namesIt(value: unknown, kind: DataObjectRef['kind'], name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, member]) => {
    const refs: readonly unknown[] = Array.isArray(member) ? member : [member]
    const isOne = members[kind].some((each) => each === key) && refs.some((ref) => nameOf(ref) === name)
    return isOne || namesIt(member, kind, name)
  })
}

function nameOf(ref: unknown): unknown {
  if (typeof ref !== 'object' || ref === null) return undefined
  return 'name' in ref ? ref.name : 'secretName' in ref ? ref.secretName : undefined
}

function keyOf({ kind, namespace, name }: DataObjectRef): string {
  return `${kind} ${namespace}/${name}`
}
