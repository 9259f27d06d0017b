import { KubeletError } from '../model/errors.ts'
import type { Listing, WatchEvent } from './listing.ts'
import { decodeWatchLine } from './decode-object.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from './json-object.ts'
import type { JsonClient } from './kube-client.ts'

export interface KubeListsOptions {
  /**
   * Told of each object that lacks what all of its kind have, in a sentence; of a list its UID
   * is left, of a watch nothing.
   */
  readonly onUndecodable: (message: string) => void
  readonly watch?: WatchLimits
}

export interface WatchLimits {
  /** The server is asked to end a watch after this many seconds, or up to half as many more. */
  readonly seconds: number
  /** A watch that the server has not ended so long after that is dead. */
  readonly graceMs: number
}

/**
 * A dead connection can look like a quiet watch for ever. HTTP/1.1 has no ping, and bookmarks are not promised, but that
 * the server ends the watch when it was asked to is. So a short watch notices soonest, at the price of a small request
 * each time. With these limits it takes 50 s at most; the kubelet's HTTP/2 pings take 45 s.
 */
const defaultWatchLimits: WatchLimits = { seconds: 30, graceMs: 5_000 }

/** How many objects the server is asked for at a time: of thousands, only so many are in memory as they came. */
const pageSize = 500

/** Objects of one kind, at one address of the API server. */
export interface KubeCollection<T> {
  /** As in `Pod "default/web"`, for messages. */
  readonly kind: string
  /** What it holds, as in `list the Pods of node "n1"`. */
  readonly what: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** The object, or the words for what it lacks. */
  readonly decode: (value: unknown) => T | string
  /** What a list lacks is gone: one with an object of which not even the UID can be read is none. */
  readonly isWhole?: true
}

/** Lists and watches of any kind of object, on a real API server. */
export class KubeLists {
  readonly #client: JsonClient
  readonly #options: KubeListsOptions

  constructor(client: JsonClient, options: KubeListsOptions) {
    this.#client = client
    this.#options = options
  }

  /**
   * Throws what `JsonClient.request` throws, `gone` where it took too long to read page after page, and `internal` for what
   * cannot be taken for a list.
   */
  async list<T>(collection: KubeCollection<T>, signal: AbortSignal): Promise<Listing<T>> {
    const what = `list ${collection.what}`
    const items: T[] = []
    const unreadable: string[] = []
    for (let next: string | undefined = ''; ;) {
      const more = next === '' ? {} : { continue: next }
      // No resourceVersion: the newest state there is. From a cache that lags behind, a restarted agent would not see a
      // Pod that it had already started, and would take its containers for orphans.
      const path = address(collection, { limit: String(pageSize), ...more })
      const answer = await this.#client.request({ what, method: 'GET', path }, signal)
      const page = requirePage(what, answer)
      const raw: readonly unknown[] = Array.isArray(page['items']) ? page['items'] : []
      for (const item of raw) {
        const decoded = this.#decoded(collection, item, collection.decode(item))
        if (decoded !== undefined) items.push(decoded)
        else unreadable.push(...uidOf(what, collection, item))
      }
      next = stringAt(objectAt(page, 'metadata'), 'continue')
      if (next !== undefined) continue
      return { items, ...(unreadable.length > 0 ? { unreadable } : {}), resourceVersion: versionOf(page) }
    }
  }

  /**
   * Throws what `JsonClient.lines` throws, the server's own errors, and `internal` for a deletion of nobody knows what:
   * only a list can tell then.
   */
  async *watch<T>(
    collection: KubeCollection<T>,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const what = `watch ${collection.what}`
    const { seconds, graceMs } = this.#options.watch ?? defaultWatchLimits
    const timeoutSeconds = Math.round(seconds * (1 + Math.random() / 2))
    const path = address(collection, {
      resourceVersion,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(timeoutSeconds),
    })
    const limitMs = timeoutSeconds * 1000 + graceMs
    for await (const line of this.#client.lines({ what, method: 'GET', path, lane: 'express', limitMs }, signal)) {
      const decoded = decodeWatchLine(what, line, collection.decode)
      const { type, object } = isJsonObject(line) ? line : { object: line }
      const event = this.#decoded(collection, object, decoded)
      if (event !== undefined) yield event
      else if (type === 'DELETED') throw new KubeletError('internal', `Cannot ${what}: what was deleted cannot be read`)
    }
  }

  /** What was decoded, or nothing: then it is reported instead. */
  #decoded<T, D>({ kind }: KubeCollection<T>, raw: unknown, decoded: D | string): D | undefined {
    if (typeof decoded !== 'string') return decoded
    const metadata = isJsonObject(raw) ? objectAt(raw, 'metadata') : {}
    const name = `${stringAt(metadata, 'namespace') ?? '?'}/${stringAt(metadata, 'name') ?? '?'}`
    this.#options.onUndecodable(`Ignoring ${kind} "${name}" of the API server: ${decoded}`)
    return undefined
  }
}

/** The UID of what could not be decoded, if it has one. Throws `internal` where without it nobody knows what there is. */
function uidOf<T>(what: string, { kind, isWhole }: KubeCollection<T>, item: unknown): readonly string[] {
  const uid = isJsonObject(item) ? stringAt(objectAt(item, 'metadata'), 'uid') : undefined
  if (uid !== undefined) return [uid]
  if (isWhole !== true) return []
  throw new KubeletError('internal', `Cannot ${what}: the list holds a ${kind} without metadata.uid`)
}

function address<T>({ path, query }: KubeCollection<T>, more: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams({ ...query, ...more }).toString()}`
}

/** Throws `internal` for what is no list: it must not be taken for one of nothing. */
function requirePage(what: string, answer: unknown): JsonObject {
  const page = isJsonObject(answer) ? answer : {}
  const metadata = objectAt(page, 'metadata')
  const isOfSomeTime = Boolean(stringAt(metadata, 'resourceVersion') ?? stringAt(metadata, 'continue'))
  // Of an empty one Go writes null, or an empty array; a single object has none.
  const hasItems = page['items'] === null || Array.isArray(page['items'])
  if (isOfSomeTime && hasItems) return page
  const lacks = isOfSomeTime ? 'items' : 'resourceVersion'
  throw new KubeletError('internal', `Cannot ${what}: the answer is no list, it has no ${lacks}`)
}

function versionOf(page: JsonObject): string {
  return stringAt(objectAt(page, 'metadata'), 'resourceVersion') ?? ''
}
