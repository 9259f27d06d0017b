import type { KubeletError } from '../../model/errors.ts'
import type { Service } from '../../model/kube.ts'
import { within } from '../../util/within.ts'
import type { BackOffLimits } from '../back-off.ts'
import type { Cluster } from '../cluster.ts'
import { listWatch } from '../list-watch.ts'

export interface ServiceCacheOptions {
  readonly cluster: Pick<Cluster, 'listServices' | 'watchServices'>
  /** All of them are known for the first time. */
  readonly onRead: () => void
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  readonly backOff?: BackOffLimits
}

type ByNamespace = Map<string, Map<string, Service>>

/**
 * The Services of the cluster that have an address, by one watch for all Pods, begun with the agent. As new as that watch
 * is quick; 50 s old at most where its connection died without a word (kube-lists.ts).
 */
export class ServiceCache {
  readonly #options: ServiceCacheOptions
  readonly #read = Promise.withResolvers<void>()
  #services: ByNamespace | undefined

  constructor(options: ServiceCacheOptions) {
    this.#options = options
  }

  /** Reads them until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, ...options } = this.#options
    const news = listWatch<Service>(
      {
        ...options,
        what: 'Services',
        list: (listSignal) => cluster.listServices(listSignal),
        watch: (version, watchSignal) => cluster.watchServices(version, watchSignal),
      },
      signal,
    )
    for await (const one of news) {
      if (one.kind === 'listed') this.#takeAll(one.items)
      else if (one.kind === 'set') put(this.#services ?? new Map(), one.object)
      else drop(this.#services ?? new Map(), one.object)
    }
  }

  /** The Services of some namespaces, in the order of their names; `undefined` before all have been read once. */
  of(...namespaces: readonly string[]): readonly Service[] | undefined {
    const services = this.#services
    return (
      services &&
      [...new Set(namespaces)].flatMap((namespace) => [...(services.get(namespace)?.values() ?? [])].toSorted(byName))
    )
  }

  /** Waits until they have been read once; `limitMs` at most. */
  async ready(limitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#services !== undefined) return
    await within(limitMs, this.#read.promise, signal)
  }

  #takeAll(items: readonly Service[]): void {
    const isFirst = this.#services === undefined
    this.#services = new Map()
    for (const item of items) put(this.#services, item)
    if (!isFirst) return
    this.#read.resolve()
    this.#options.onRead()
  }
}

function put(services: ByNamespace, service: Service): void {
  const { namespace, name } = service.metadata
  const { clusterIP } = service.spec
  if (clusterIP === '' || clusterIP === 'None') {
    drop(services, service)
    return
  }
  const named = services.get(namespace) ?? new Map<string, Service>()
  services.set(namespace, named.set(name, service))
}

function drop(services: ByNamespace, { metadata: { namespace, name } }: Service): void {
  const named = services.get(namespace)
  named?.delete(name)
  if (named?.size === 0) services.delete(namespace)
}

function byName(one: Service, other: Service): number {
  return one.metadata.name < other.metadata.name ? -1 : 1
}
