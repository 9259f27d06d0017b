import { randomUUID } from 'node:crypto'
import type { Patch } from '../../src/cluster/cluster.ts'
import { requireEvent, requireLease, requireNode, requirePod } from '../../src/cluster/decode-object.ts'
import type { KubeEvent, KubeNode, Lease, Pod, PodDraft, PodSpec } from '../../src/model/kube.ts'
import { qosClass } from '../../src/translate/qos-class.ts'
import { aContainer } from '../builders/pod.ts'
import { Changes } from './changes.ts'
import { FakeAccess } from './fake-access.ts'
import { FakeClaims } from './fake-claims.ts'
import { FakeObjects } from './fake-objects.ts'
import { FakeSigning } from './fake-signing.ts'
import { FakeTokens } from './fake-tokens.ts'
import { creationRefusal } from './node-restriction.ts'
import { created, found, nameOf, now, refused, type Stored } from './stored.ts'
import { strategicMerge } from './strategic-merge.ts'
import { WatchLog } from './watch-log.ts'

/** What a test says of a Pod that it creates; the server adds the rest. */
export interface NewPod {
  readonly name: string
  readonly namespace?: string
  readonly nodeName: string
  readonly metadata?: Partial<Pod['metadata']>
  readonly spec?: Partial<PodSpec>
}

/**
 * The API server's side: objects with versions, and what users and controllers do to them. `FakeCluster` is a node's
 * way in. Only what the agent can notice is there; the contract suite keeps it honest.
 */
export class FakeApiServer {
  readonly watches = new WatchLog<Pod>()
  /** UIDs of Pods of which a node that lists them can read nothing else. */
  readonly unreadable = new Set<string>()
  /** ConfigMaps, Secrets and Services. */
  readonly objects: FakeObjects
  readonly claims: FakeClaims
  readonly tokens: FakeTokens
  readonly access = new FakeAccess()
  readonly signing: FakeSigning
  /** Where a node may create Pods. */
  readonly namespaces = new Set(['default'])
  readonly #unknownStatusFields: readonly string[]
  readonly #pods = new Map<string, Pod>()
  readonly #nodes = new Map<string, KubeNode>()
  readonly #leases = new Map<string, Lease>()
  readonly #events = new Map<string, KubeEvent>()
  readonly #changes = new Changes()
  readonly #listeners = new Set<(pod: Pod) => void>()
  #version = 1

  /** `unknownStatusFields`: what an old server drops from a status without a word. */
  constructor({ unknownStatusFields = [] }: { readonly unknownStatusFields?: readonly string[] } = {}) {
    this.#unknownStatusFields = unknownStatusFields
    this.objects = new FakeObjects(this)
    this.claims = new FakeClaims(this)
    this.tokens = new FakeTokens(this)
    this.signing = new FakeSigning(this)
  }

  /** Counts a change of an object that is kept elsewhere: its version. */
  changed(): string {
    this.#version += 1
    return this.version
  }

  get version(): string {
    return String(this.#version)
  }

  get pods(): readonly Pod[] {
    return [...this.#pods.values()]
  }

  get events(): readonly KubeEvent[] {
    return [...this.#events.values()]
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(`${namespace}/${name}`)
  }

  node(name: string): KubeNode | undefined {
    return this.#nodes.get(name)
  }

  lease(name: string): Lease | undefined {
    return this.#leases.get(name)
  }

  /** Creates a Pod that is bound to its node already. */
  createPod({ name, namespace = 'default', nodeName, metadata, spec }: NewPod): Pod {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, uid: randomUUID(), creationTimestamp: now(), generation: 1, ...metadata },
      spec: {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        containers: [aContainer()],
        enableServiceLinks: true,
        serviceAccountName: 'default',
        nodeName,
        ...spec,
      },
    }
    return this.#putPod({ ...pod, status: { phase: 'Pending', qosClass: qosClass(pod) } })
  }

  /** What a node creates. */
  createMirror(pod: PodDraft): Pod {
    const { namespace, name } = pod.metadata
    if (!this.namespaces.has(namespace)) throw refused(404, `namespaces "${namespace}" not found`)
    const refusal = creationRefusal(pod, this.node(pod.spec.nodeName ?? ''))
    if (refusal !== undefined) throw refused(403, `pods "${name}" is forbidden: ${refusal}`)
    if (this.pod(namespace, name) !== undefined) throw refused(409, `pods "${name}" already exists`)
    const given = { uid: randomUUID(), creationTimestamp: now(), generation: 1 }
    return this.#putPod({ ...pod, metadata: { ...pod.metadata, ...given }, status: { phase: 'Pending' } })
  }

  /** A user's or a controller's change of a Pod: a strategic merge patch of the whole. */
  updatePod(namespace: string, name: string, patch: Patch): void {
    const pod = requirePod('update a Pod', strategicMerge({ ...this.requirePod(namespace, name) }, patch))
    // Only finalizers held it.
    if (pod.metadata.deletionGracePeriodSeconds === 0) this.deletePodNow(pod)
    else this.#putPod(pod)
  }

  /** A user's DELETE: marks the Pod; one that is not running any more, or with grace 0, goes at once. */
  deletePodGracefully(namespace: string, name: string, graceSeconds?: number): void {
    const pod = this.requirePod(namespace, name)
    const wanted = graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (ended || wanted === 0) {
      this.deletePodNow(pod)
      return
    }
    const before = pod.metadata.deletionGracePeriodSeconds
    // A second deletion can only shorten the time.
    if (before !== undefined && before <= wanted) return
    this.#mark(pod, wanted)
  }

  /** Grace 0: marks the object with that, as the real one does, and removes it unless finalizers hold it. */
  deletePodNow(pod: Pod): void {
    const marked = pod.metadata.deletionGracePeriodSeconds === 0 ? pod : this.#mark(pod, 0)
    if ((pod.metadata.finalizers ?? []).length > 0) return
    this.#pods.delete(keyOf(pod))
    const last = this.#versioned(marked)
    this.watches.append(this.#version, pod.spec.nodeName, { kind: 'deleted', object: last })
    this.#changes.announce()
  }

  /** Calls `listener` with every version of every Pod from now on. */
  listen(listener: (pod: Pod) => void): void {
    this.#listeners.add(listener)
  }

  requirePod(namespace: string, name: string): Pod {
    return found(this.pod(namespace, name), `pods "${name}"`)
  }

  /** Nothing happens, not even a new version, when the Pod is as it was. */
  patchPodStatus(namespace: string, name: string, status: Patch): Pod {
    const before = this.requirePod(namespace, name)
    const after = requirePod('patch a status', strategicMerge({ ...before }, { status: this.#known(status) }))
    return JSON.stringify(before) === JSON.stringify(after) ? before : this.#putPod(after)
  }

  patchNodeStatus(name: string, status: Patch): KubeNode {
    return this.patchNode(name, { status: this.#known(status) })
  }

  requireNode(name: string): KubeNode {
    return found(this.node(name), `nodes "${name}"`)
  }

  createNode(node: KubeNode): KubeNode {
    return this.#put(this.#nodes, nameOf(node), created(node, this.node(nameOf(node))))
  }

  patchNode(name: string, patch: Patch): KubeNode {
    const before = this.requireNode(name)
    const after = requireNode('patch a Node', strategicMerge({ ...before }, patch))
    return JSON.stringify(before) === JSON.stringify(after) ? before : this.#put(this.#nodes, name, after)
  }

  deleteNode(name: string): void {
    this.#nodes.delete(name)
    this.#changes.announce()
  }

  createLease(lease: Lease): Lease {
    return this.#put(this.#leases, nameOf(lease), created(lease, this.lease(nameOf(lease))))
  }

  requireLease(name: string): Lease {
    return found(this.lease(name), `leases "${name}"`)
  }

  updateLease(lease: Lease): Lease {
    const before = this.requireLease(nameOf(lease))
    const based = lease.metadata?.resourceVersion
    if (based !== undefined && based !== before.metadata?.resourceVersion) {
      throw refused(409, `Operation cannot be fulfilled on leases "${nameOf(lease)}": the object has been modified`)
    }
    return this.#put(this.#leases, nameOf(lease), requireLease('update a lease', lease))
  }

  deleteLease(name: string): void {
    this.#leases.delete(name)
  }

  createEvent(event: KubeEvent): KubeEvent {
    const key = `${event.metadata.namespace ?? ''}/${nameOf(event)}`
    return this.#put(this.#events, key, created(event, this.#events.get(key)))
  }

  patchEvent(namespace: string, name: string, patch: Patch): KubeEvent {
    const key = `${namespace}/${name}`
    const before = found(this.#events.get(key), `events "${name}"`)
    return this.#put(this.#events, key, requireEvent('patch an event', strategicMerge({ ...before }, patch)))
  }

  /** As if their hour were over. */
  expireEvents(): void {
    this.#events.clear()
  }

  /** Tells every watch where it is, as the server does now and then. */
  bookmark(): void {
    this.watches.append(this.#version, undefined, { kind: 'bookmark', resourceVersion: this.version })
  }

  /** Forgets the history: a watch from before now gets `gone`. */
  compact(): void {
    this.#version += 1
    this.watches.compact(this.#version)
  }

  /** As `Changes.until`. */
  until<T>(read: () => T | undefined | false, guardMs?: number): Promise<T> {
    return this.#changes.until(read, guardMs)
  }

  #known(status: Patch): Patch {
    return Object.fromEntries(Object.entries(status).filter(([key]) => !this.#unknownStatusFields.includes(key)))
  }

  #mark(pod: Pod, graceSeconds: number): Pod {
    return this.#putPod({
      ...pod,
      metadata: {
        ...pod.metadata,
        deletionTimestamp: now(graceSeconds),
        deletionGracePeriodSeconds: graceSeconds,
        generation: (pod.metadata.generation ?? 1) + 1,
      },
    })
  }

  #putPod(pod: Pod): Pod {
    const stored = this.#put(this.#pods, keyOf(pod), pod)
    this.watches.append(this.#version, pod.spec.nodeName, { kind: 'set', object: stored })
    for (const listener of this.#listeners) listener(stored)
    return stored
  }

  #put<T extends Stored>(into: Map<string, T>, key: string, object: T): T {
    const stored = this.#versioned(object)
    into.set(key, stored)
    this.#changes.announce()
    return stored
  }

  #versioned<T extends Stored>(object: T): T {
    this.#version += 1
    return { ...object, metadata: { ...object.metadata, resourceVersion: this.version } }
  }
}

function keyOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`
}
