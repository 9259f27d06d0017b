import { KubeletError } from '../model/errors.ts'
import { backOffMs, defaultBackOff, pause, type BackOffLimits } from './back-off.ts'
import type { Listing, WatchEvent } from './listing.ts'
import { isOlderVersion } from './known-pods.ts'

/** What has a place in the order of the server's changes. */
interface Versioned {
  readonly metadata: { readonly resourceVersion?: string }
}

export interface ListWatchOptions<T extends Versioned> {
  /** As in `the API server ended the watch of Pods at once`. */
  readonly what: string
  readonly list: (signal: AbortSignal) => Promise<Listing<T>>
  readonly watch: (resourceVersion: string, signal: AbortSignal) => AsyncIterable<WatchEvent<T>>
  /** Told of each failure and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  readonly backOff?: BackOffLimits
}

export type ListWatchNews<T> =
  /** Everything that there is. `isRewound`: the server has gone back in time for good, older versions are the newest now. */
  | (Omit<Listing<T>, 'resourceVersion'> & { readonly kind: 'listed'; readonly isRewound?: true })
  /** One object came or changed, or is gone. */
  | { readonly kind: 'set' | 'deleted'; readonly object: T }

/**
 * A watch that ends sooner and brought nothing is a failure, else a server that can't watch
 * would be asked at full speed.
 */
const shortestWatchMs = 1000
/**
 * A list that is older than what is known comes from a server that lags behind: what it lacks is not gone. Only one that is
 * told so many times in a row (half a minute with the usual back-off) is true, of a server that was restored from a backup.
 */
const oldListsBelieved = 8

/**
 * Objects of the API server, for ever: list, watch from there, watch again where that ended, list again where the server
 * can't go on from there. What a server tells again, or tells that is older than what is known, is no news. Never throws for
 * the server's sake; ends when `signal` fires. A consumer that is slow holds back the watch, it loses nothing.
 */
export async function* listWatch<T extends Versioned>(
  options: ListWatchOptions<T>,
  signal: AbortSignal,
): AsyncGenerator<ListWatchNews<T>> {
  const loop = new ListWatch(options, signal)
  while (!signal.aborted) {
    yield* loop.list()
    while (loop.canWatch) yield* loop.watch()
  }
}

class ListWatch<T extends Versioned> {
  readonly #options: ListWatchOptions<T>
  readonly #signal: AbortSignal
  /** Where a watch goes on from; `undefined` when only a list can tell. */
  #position: string | undefined
  /** The newest version that the server has spoken of; `undefined` before the first list. */
  #newest: string | undefined
  /** In a row. */
  #failures = 0
  /** Lists in a row that were older than `#newest`. */
  #oldLists = 0

  constructor(options: ListWatchOptions<T>, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  get canWatch(): boolean {
    return this.#position !== undefined && !this.#signal.aborted
  }

  async *list(): AsyncGenerator<ListWatchNews<T>> {
    try {
      const { resourceVersion, ...listing } = await this.#options.list(this.#signal)
      const isRewound = this.#isOld(resourceVersion)
      this.#oldLists = isRewound ? this.#oldLists + 1 : 0
      if (isRewound && this.#oldLists < oldListsBelieved) throw this.#oldList(resourceVersion)
      yield { kind: 'listed', ...listing, ...(isRewound ? { isRewound } : {}) }
      this.#oldLists = 0
      this.#position = resourceVersion
      this.#newest = resourceVersion
    } catch (error) {
      await this.#afterFailure(error)
    }
  }

  async *watch(): AsyncGenerator<ListWatchNews<T>> {
    const startedAt = performance.now()
    const before = this.#position
    try {
      for await (const event of this.#options.watch(before ?? '', this.#signal)) {
        const version = event.kind === 'bookmark' ? event.resourceVersion : event.object.metadata.resourceVersion
        // A deletion is final whatever its version; anything else from before what is known may
        // be of an object that is gone.
        if (event.kind === 'deleted' || (event.kind === 'set' && !this.#isOld(version))) yield event
        this.#moveTo(version)
        if (this.#position !== before) this.#failures = 0
      }
      if (this.#position !== before || performance.now() - startedAt > shortestWatchMs) this.#failures = 0
      else throw new KubeletError('unavailable', `The API server ended the watch of ${this.#options.what} at once`)
    } catch (error) {
      if (!canGoOn(error)) this.#position = undefined
      await this.#afterFailure(error)
    }
  }

  #moveTo(version: string | undefined): void {
    if (version === undefined || this.#isOld(version)) return
    this.#position = version
    this.#newest = version
  }

  #isOld(version: string | undefined): boolean {
    return isOlderVersion(version ?? '', this.#newest ?? '')
  }

  #oldList(version: string): KubeletError {
    const { what } = this.#options
    const message = `The API server listed the ${what} as they were at version ${version}, before ${this.#newest ?? ''}`
    return new KubeletError('unavailable', message)
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

/** Whether the watch may go on where it stopped: the way to the server failed, not the position. */
function canGoOn(error: unknown): boolean {
  return KubeletError.is(error, 'unavailable', 'throttled')
}
