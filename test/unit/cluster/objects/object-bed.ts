import type { TestContext } from 'node:test'
import { ObjectCache } from '../../../../src/cluster/objects/object-cache.ts'
import type { KubeletError } from '../../../../src/model/errors.ts'
import { podUid, type PodUid } from '../../../../src/model/ids.ts'
import type { DataObjectRef, PodSpec } from '../../../../src/model/kube.ts'
import { aContainer } from '../../../builders/pod.ts'
import { nowMs } from '../../../builders/observed.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterMethod } from '../../../fakes/fake-cluster.ts'
import { CallGate } from '../../../support/call-gate.ts'
import { quiet } from '../../../support/quiet.ts'

export const settings: DataObjectRef = { kind: 'ConfigMap', namespace: 'default', name: 'settings' }
export const web = podUid('uid-web')
const { signal } = new AbortController()

/** A cache over a fake API server on which a Pod names `settings` as a ConfigMap and as a Secret. Time stands still. */
export class ObjectBed implements AsyncDisposable {
  readonly server = new FakeApiServer()
  readonly gate = new CallGate<ClusterMethod>()
  readonly cluster = new FakeCluster({ server: this.server, before: ({ method }) => this.gate.pass(method) })
  /** Who was told of a change, in order. */
  readonly told: PodUid[] = []
  readonly faults: KubeletError[] = []
  readonly cache: ObjectCache
  readonly #life = new AbortController()
  readonly #anyoneTold = Promise.withResolvers<void>()
  readonly #test: TestContext

  constructor(t: TestContext) {
    this.#test = t
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: nowMs })
    const spec: Partial<PodSpec> = {
      containers: [aContainer({ envFrom: [{ configMapRef: { name: 'settings' }, secretRef: { name: 'settings' } }] })],
    }
    this.server.createPod({ name: 'web', nodeName: 'node-1', spec })
    this.cache = new ObjectCache({
      cluster: this.cluster,
      idleMs: 120_000,
      onChange: (uid) => {
        this.told.push(uid)
        this.#anyoneTold.resolve()
      },
      onFault: (_, error) => this.faults.push(error),
      backOff: { initialMs: 1, maxMs: 1 },
      signal: this.#life.signal,
    })
  }

  put(a: string, change: { readonly immutable?: boolean } = {}): void {
    this.server.objects.put({ ...settings, data: { a }, ...change })
  }

  /** What the cache gives for `a` of a ConfigMap, or the message that it throws. */
  async read(uid = web, ref = settings): Promise<string | undefined> {
    try {
      return (await this.cache.get(uid, ref, signal)).data?.['a']
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** Lets what is under way come to rest, and time pass. */
  async advance(ms = 0): Promise<void> {
    await quiet()
    this.#test.mock.timers.tick(ms)
    await quiet()
  }

  /** Waits until somebody has been told of a change. */
  async untilTold(): Promise<void> {
    await this.#anyoneTold.promise
  }

  /** How many requests were made: lists and watches. */
  get requests(): string {
    return `${this.cluster.count('listObject')} + ${this.cluster.count('watchObject')}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    await this.cache[Symbol.asyncDispose]()
  }
}
