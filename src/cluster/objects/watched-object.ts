import { KubeletError } from '../../model/errors.ts'
import type { DataObject, DataObjectRef } from '../../model/kube.ts'
import { Bell } from '../../util/bell.ts'
import { within } from '../../util/within.ts'
import type { BackOffLimits } from '../back-off.ts'
import type { Cluster } from '../cluster.ts'
import { isOlderVersion } from '../known-pods.ts'
import { listWatch, type ListWatchNews } from '../list-watch.ts'

export interface WatchedObjectOptions {
  readonly cluster: Pick<Cluster, 'listObject' | 'watchObject'>
  /** What nobody has read for so long is not watched any more, and not kept. */
  readonly idleMs: number
  /** It is another one than it was: it has changed, appeared or gone. */
  readonly onChange: () => void
  /** Somebody has waited for it in vain: why the server did not give it. */
  readonly onFault: (error: KubeletError) => void
  readonly backOff?: BackOffLimits
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

type State =
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly object: DataObject }

/** One time of watching, from the first read to the end of interest. */
interface Watch {
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** How long a reader waits for the first answer: the kubelet's limit (objectCache.Get in pkg/kubelet/util/manager). */
const readLimitMs = 1000
/** The server lets a node see what a Pod names a moment after the Pod was bound: until then it forbids it. */
const defaultBackOff: BackOffLimits = { initialMs: 50, maxMs: 30_000 }

/**
 * One ConfigMap or Secret: listed when it is first read, watched from there as long as anybody reads it now and then. So
 * it is as new as the server's watch is quick, whether it exists or not; 50 s old at most where a connection died without
 * a word (kube-lists.ts), and for the length of an outage of the API server.
 */
export class WatchedObject {
  readonly #ref: DataObjectRef
  readonly #options: WatchedObjectOptions
  #state: State = { kind: 'unread' }
  #answered = Promise.withResolvers<void>()
  #readAtMs = 0
  #watch: Watch | undefined
  /** A reader went away without an answer: it is to be told when there is one. */
  #isAwaited = false
  #fault: KubeletError | undefined

  constructor(ref: DataObjectRef, options: WatchedObjectOptions) {
    this.#ref = ref
    this.#options = options
  }

  /** Begins to watch, if that is not under way. */
  expect(): void {
    this.#readAtMs = Date.now()
    this.#watch ??= this.#begin()
  }

  /**
   * The object as it is now. Throws `not-found` in the kubelet's words, `aborted` when `signal` fires, and `internal` when
   * the server has not said for a second whether there is one.
   */
  async read(signal: AbortSignal): Promise<DataObject> {
    this.expect()
    if (this.#state.kind === 'unread') await this.#firstAnswer(signal)
    const kind = this.#ref.kind.toLowerCase()
    switch (this.#state.kind) {
      case 'present':
        return this.#state.object
      case 'absent':
        throw new KubeletError('not-found', `${kind} "${this.#ref.name}" not found`)
      case 'unread': {
        this.#isAwaited = true
        const cause = this.#fault
        if (cause !== undefined) this.#options.onFault(cause)
        throw new KubeletError('internal', `failed to sync ${kind} cache: timed out waiting for the condition`, {
          cause,
        })
      }
      default:
        return this.#state satisfies never
    }
  }

  /** Ends the watch and forgets the object; resolves when nothing of it goes on. The next read begins anew. */
  async stop(): Promise<void> {
    const { done } = this.#watch ?? {}
    this.#reset()
    await done
  }

  #reset(): void {
    this.#watch?.stop.abort()
    this.#watch = undefined
    this.#state = { kind: 'unread' }
    this.#answered = Promise.withResolvers<void>()
    this.#fault = undefined
  }

  #begin(): Watch {
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#options.signal, stop.signal])
    return { stop, done: Promise.all([this.#follow(signal), this.#endWhenIdle(signal)]).then(() => undefined) }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { cluster, backOff = defaultBackOff } = this.#options
    const news = listWatch<DataObject>(
      {
        what: `a ${this.#ref.kind}`,
        list: (listSignal) => cluster.listObject(this.#ref, listSignal),
        watch: (version, watchSignal) => cluster.watchObject(this.#ref, version, watchSignal),
        onFault: (fault) => {
          this.#fault = fault
        },
        backOff,
      },
      signal,
    )
    for await (const one of news) {
      if (signal.aborted) return
      this.#take(stateOf(this.#state, one))
      // It can only go, and be made anew under its name: who reads it when nobody has for long finds that out.
      if (this.#state.kind === 'present' && this.#state.object.immutable === true) return
    }
  }

  #take(next: State): void {
    const before = this.#state
    this.#state = next
    const isFirst = before.kind === 'unread'
    if (isFirst) this.#answered.resolve()
    if (isFirst ? this.#isAwaited : isOther(before, next)) this.#options.onChange()
    if (isFirst) this.#isAwaited = false
  }

  async #endWhenIdle(signal: AbortSignal): Promise<void> {
    const bell = new Bell()
    while (!signal.aborted) {
      const endsAtMs = this.#readAtMs + this.#options.idleMs
      if (endsAtMs <= Date.now()) this.#reset()
      else await bell.wait(endsAtMs, signal)
    }
  }

  async #firstAnswer(signal: AbortSignal): Promise<void> {
    await within(readLimitMs, this.#answered.promise, signal)
    if (signal.aborted) throw new KubeletError('aborted', `Stopped waiting for ${this.#ref.kind} "${this.#ref.name}"`)
  }
}

function stateOf(before: State, news: ListWatchNews<DataObject>): State {
  switch (news.kind) {
    case 'listed': {
      const [object] = news.items
      return object === undefined ? { kind: 'absent' } : { kind: 'present', object }
    }
    case 'set':
      return isOlder(news.object, before) ? before : { kind: 'present', object: news.object }
    case 'deleted':
      return { kind: 'absent' }
    default:
      return news satisfies never
  }
}

/** A server that lags behind the one that was asked before may go backwards. */
function isOlder({ metadata }: DataObject, before: State): boolean {
  if (before.kind !== 'present') return false
  return isOlderVersion(metadata.resourceVersion ?? '', before.object.metadata.resourceVersion ?? '')
}

function isOther(before: State, after: State): boolean {
  if (before.kind !== 'present' || after.kind !== 'present') return before.kind !== after.kind
  const { uid, resourceVersion } = before.object.metadata
  return uid !== after.object.metadata.uid || resourceVersion !== after.object.metadata.resourceVersion
}
