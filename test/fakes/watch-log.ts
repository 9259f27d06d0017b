import { KubeletError } from '../../src/model/errors.ts'
import type { WatchEvent } from '../../src/cluster/listing.ts'
import { Bell } from '../../src/util/bell.ts'

interface Entry<T> {
  readonly version: number
  readonly scope: string | undefined
  readonly event: WatchEvent<T>
}

interface Watcher {
  readonly bell: Bell
  /** How it ends, after so many entries. */
  end: { readonly after: number; readonly how: 'quiet' | KubeletError } | undefined
}

/** Every change of one kind of object in order, and the watches that read along. */
export class WatchLog<T> {
  readonly #entries: Entry<T>[] = []
  readonly #watchers = new Set<Watcher>()
  #oldest = 0

  /** `scope`: whose change it is, a node's Pod say; `undefined` for every watch, as bookmarks are. */
  append(version: number, scope: string | undefined, event: WatchEvent<T>): void {
    this.#entries.push({ version, scope, event })
    for (const watcher of this.#watchers) watcher.bell.ring()
  }

  /** Every watch that is open is told the nth of what it was told before once more, as by a server that lags behind. */
  tellAgain(nth: number): void {
    const entry = this.#entries[nth % this.#entries.length]
    const version = this.#entries.at(-1)?.version ?? 0
    if (entry !== undefined && entry.event.kind !== 'bookmark') this.append(version, entry.scope, entry.event)
  }

  /** Everything that happened. */
  get events(): readonly WatchEvent<T>[] {
    return this.#entries.map(({ event }) => event)
  }

  /** How many watches are open. */
  get open(): number {
    return this.#watchers.size
  }

  /** From now on a watch from before `version` gets `gone`, as after a compaction of etcd. */
  compact(version: number): void {
    this.#oldest = version
  }

  /** Ends every watch that is open: quietly, as when its time is over, or with an error. */
  end(how: 'quiet' | KubeletError): void {
    for (const watcher of this.#watchers) {
      watcher.end = { after: this.#entries.length, how }
      watcher.bell.ring()
    }
  }

  async *read(scope: string, since: number, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    if (since < this.#oldest) throw new KubeletError('gone', `too old resource version: ${since} (${this.#oldest})`)
    const watcher: Watcher = { bell: new Bell(), end: undefined }
    this.#watchers.add(watcher)
    try {
      for (let at = 0; !signal.aborted;) {
        const entry = at === watcher.end?.after ? undefined : this.#entries[at]
        if (entry === undefined) {
          if (watcher.end?.how === 'quiet') return
          if (watcher.end !== undefined) throw watcher.end.how
          await watcher.bell.wait(undefined, signal)
          continue
        }
        at += 1
        const concerns = entry.scope === undefined || entry.scope === scope
        if (entry.version > since && concerns) yield entry.event
      }
      throw new KubeletError('aborted', 'Stopped watching')
    } finally {
      this.#watchers.delete(watcher)
    }
  }
}
