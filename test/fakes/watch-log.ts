import { KubeletError } from '../../src/model/errors.ts'
import type { PodWatchEvent } from '../../src/cluster/cluster.ts'
import { Bell } from '../../src/util/bell.ts'

interface Entry {
  readonly version: number
  readonly nodeName: string | undefined
  readonly event: PodWatchEvent
}

interface Watcher {
  readonly bell: Bell
  /** How it ends, after so many entries. */
  end: { readonly after: number; readonly how: 'quiet' | KubeletError } | undefined
}

/** Every change of a Pod in order, and the watches that read along. */
export class WatchLog {
  readonly #entries: Entry[] = []
  readonly #watchers = new Set<Watcher>()
  #oldest = 0

  /** `nodeName` undefined: for every watch, as bookmarks are. */
  append(version: number, nodeName: string | undefined, event: PodWatchEvent): void {
    this.#entries.push({ version, nodeName, event })
    for (const watcher of this.#watchers) watcher.bell.ring()
  }

  /** Everything that happened. */
  get events(): readonly PodWatchEvent[] {
    return this.#entries.map(({ event }) => event)
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

  async *read(nodeName: string, since: number, signal: AbortSignal): AsyncGenerator<PodWatchEvent> {
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
        const concerns = entry.nodeName === undefined || entry.nodeName === nodeName
        if (entry.version > since && concerns) yield entry.event
      }
      throw new KubeletError('aborted', 'Stopped watching')
    } finally {
      this.#watchers.delete(watcher)
    }
  }
}
