import type { Pod } from '../model/kube.ts'

/** Something that the API server says of a Pod bound to this node. */
export type PodChange =
  /** It is there, new or changed. `isRewound`: this older version is the newest now, see `listWatch`. */
  | { readonly kind: 'set'; readonly pod: Pod; readonly isRewound?: true }
  /** Its object is gone; `pod` is the newest that was seen of it. */
  | { readonly kind: 'removed'; readonly pod: Pod }
  /**
   * There are Pods of these UIDs that cannot be read: what runs of them runs on. Said when that may
   * have changed, before `synced`.
   */
  | { readonly kind: 'unreadable'; readonly uids: ReadonlySet<string> }
  /** Every Pod of this node has been said once: whatever else runs here is an orphan. */
  | { readonly kind: 'synced' }

/** The Pods as last seen, by UID: a Pod that was deleted and made again under its name is another one. */
export type KnownPods = ReadonlyMap<string, Pod>

/**
 * What changed between what was known and a full list, removals first: a name may have been given to another Pod. Those that
 * are `unreadable` are there, too, and stay as they were known.
 */
export function changesFromList(
  known: KnownPods,
  listed: readonly Pod[],
  unreadable: Iterable<string> = [],
): readonly PodChange[] {
  const uids = new Set([...listed.map((pod) => pod.metadata.uid), ...unreadable])
  const removed = [...known.values()].filter((pod) => !uids.has(pod.metadata.uid))
  const set = listed.filter((pod) => isNews(known.get(pod.metadata.uid), pod))
  return [
    ...removed.map((pod) => ({ kind: 'removed', pod }) as const),
    ...set.map((pod) => ({ kind: 'set', pod }) as const),
  ]
}

/** The same of a server that has gone back in time for good: what is known has no older version any more. */
export function changesFromRewound(
  known: KnownPods,
  listed: readonly Pod[],
  unreadable: Iterable<string> = [],
): readonly PodChange[] {
  const removals = changesFromList(known, listed, unreadable).filter(({ kind }) => kind === 'removed')
  const set = listed.filter(
    ({ metadata }) => known.get(metadata.uid)?.metadata.resourceVersion !== metadata.resourceVersion,
  )
  return [...removals, ...set.map((pod) => ({ kind: 'set', pod, isRewound: true }) as const)]
}

/**
 * What a watch's news of one Pod changes. A server that lags behind the one that was asked before may go backwards:
 * what is older than what is known changes nothing. A Pod whose name has passed to another is gone, seen or not.
 */
export function changesFromSet(known: KnownPods, pod: Pod): readonly PodChange[] {
  const before = known.get(pod.metadata.uid)
  if (!isNews(before, pod)) return []
  const replaced = before === undefined ? [...known.values()].filter((other) => hasSameName(other, pod)) : []
  return [...replaced.map((other) => ({ kind: 'removed', pod: other }) as const), { kind: 'set', pod }]
}

/** A deletion is final whatever its version, but of a Pod that nobody has heard of it says nothing. */
export function changesFromDeleted(known: KnownPods, pod: Pod): readonly PodChange[] {
  return known.has(pod.metadata.uid) ? [{ kind: 'removed', pod }] : []
}

/**
 * Whether `version` comes before `other`. They are decimal numbers that may not fit into a double;
 * what isn't one is never older.
 */
export function isOlderVersion(version: string, other: string): boolean {
  if (!isDecimal(version) || !isDecimal(other)) return false
  return version.length === other.length ? version < other : version.length < other.length
}

function isNews(before: Pod | undefined, pod: Pod): boolean {
  const [known, version] = [before?.metadata.resourceVersion, pod.metadata.resourceVersion]
  if (known === undefined || version === undefined) return true
  return known !== version && !isOlderVersion(version, known)
}

function hasSameName(one: Pod, other: Pod): boolean {
  return one.metadata.name === other.metadata.name && one.metadata.namespace === other.metadata.namespace
}

function isDecimal(version: string): boolean {
  return /^[1-9]\d*$/.test(version)
}
