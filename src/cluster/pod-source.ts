import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { backOffMs, defaultBackOff, pause, type BackOffLimits } from './back-off.ts'
import type { Cluster, PodWatchEvent } from './cluster.ts'
import { changesFromDeleted, changesFromList, changesFromSet, isOlderVersion, type PodChange } from './known-pods.ts'

export interface PodSourceOptions {
  readonly cluster: Pick<Cluster, 'listPods' | 'watchPods'>
  readonly nodeName: string
  /** Told of each failure and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  readonly backOff?: BackOffLimits
}

/** A watch that ends sooner and brought nothing is a failure, else a server that can't watch would be asked at full speed. */
const shortestWatchMs = 1000

/**
 * The Pods bound to this node, for ever: list, watch from there, watch again where that ended, list again where the
 * server can't go on from there. Never throws for the server's sake; ends when `signal` fires. A consumer that is slow
 * holds back the watch, it loses nothing.
 */
export async function* podSource(options: PodSourceOptions, signal: AbortSignal): AsyncGenerator<PodChange> {
  const source = new PodSource(options, signal)
  while (!signal.aborted) {
    yield* source.list()
    while (source.canWatch) yield* source.watch()
  }
}

class PodSource {
  readonly #options: PodSourceOptions
  readonly #signal: AbortSignal
  readonly #known = new Map<string, Pod>()
  /** Where a watch goes on from; `undefined` when only a list can tell. */
  #position: string | undefined
  #synced = false
  /** In a row. */
  #failures = 0

  constructor(options: PodSourceOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  get canWatch(): boolean {
    return this.#position !== undefined && !this.#signal.aborted
  }

  async *list(): AsyncGenerator<PodChange> {
    try {
      const { items, resourceVersion } = await this.#options.cluster.listPods(this.#options.nodeName, this.#signal)
      yield* this.#apply(changesFromList(this.#known, items))
      this.#position = resourceVersion
    } catch (error) {
      await this.#afterFailure(error)
      return
    }
    if (this.#synced) return
    this.#synced = true
    yield { kind: 'synced' }
  }

  async *watch(): AsyncGenerator<PodChange> {
    const startedAt = performance.now()
    let heard = false
    try {
      for await (const event of this.#options.cluster.watchPods(
        this.#options.nodeName,
        this.#position ?? '',
        this.#signal,
      )) {
        heard = true
        this.#failures = 0
        yield* this.#apply(this.#changes(event))
        this.#moveTo(versionOf(event))
      }
      if (heard || performance.now() - startedAt > shortestWatchMs) this.#failures = 0
      else throw new KubeletError('unavailable', 'The API server ended the watch of Pods at once')
    } catch (error) {
      if (!canGoOn(error)) this.#position = undefined
      await this.#afterFailure(error)
    }
  }

  #changes(event: PodWatchEvent): readonly PodChange[] {
    switch (event.kind) {
      case 'set':
        return changesFromSet(this.#known, event.pod)
      case 'deleted':
        return changesFromDeleted(this.#known, event.pod)
      case 'bookmark':
        return []
      default:
        return event satisfies never
    }
  }

  *#apply(changes: readonly PodChange[]): Generator<PodChange> {
    for (const change of changes) {
      if (change.kind === 'set') this.#known.set(change.pod.metadata.uid, change.pod)
      if (change.kind === 'removed') this.#known.delete(change.pod.metadata.uid)
      yield change
    }
  }

  #moveTo(version: string | undefined): void {
    if (version === undefined || isOlderVersion(version, this.#position ?? '')) return
    this.#position = version
  }

  async #afterFailure(error: unknown): Promise<void> {
    if (this.#signal.aborted) return
    const fault = KubeletError.from(error)
    this.#failures += 1
    const waitMs = backOffMs(this.#failures, fault, this.#options.backOff ?? defaultBackOff, Math.random())
    this.#options.onFault(fault, waitMs)
    await pause(waitMs, this.#signal)
  }
}

function versionOf(event: PodWatchEvent): string | undefined {
  return event.kind === 'bookmark' ? event.resourceVersion : event.pod.metadata.resourceVersion
}

/** Whether the watch may go on where it stopped: the way to the server failed, not the position. */
function canGoOn(error: unknown): boolean {
  return KubeletError.is(error, 'unavailable', 'throttled')
}
