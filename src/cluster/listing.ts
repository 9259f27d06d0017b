/** Every object that was asked for, as they all were at one moment. */
export interface Listing<T> {
  readonly items: readonly T[]
  /** UIDs of objects that are there too, and of which nothing else is known: they could not be decoded. */
  readonly unreadable?: readonly string[]
  /** Where a watch goes on from here. */
  readonly resourceVersion: string
}

/** One line of a watch. `error` lines of the server are thrown instead (`gone` for 410). */
export type WatchEvent<T> =
  | { readonly kind: 'set'; readonly object: T }
  | { readonly kind: 'deleted'; readonly object: T }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
