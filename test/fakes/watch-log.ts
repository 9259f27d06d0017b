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
  end: 'none' | 'quiet' | KubeletError
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

  /** From now on a watch from before `version` gets `gone`, as after a compaction of etcd. */
  compact(version: number): void {
    this.#oldest = version
  }

  /** Ends every watch that is open: quietly, as when its time is over, or with an error. */
  end(how: 'quiet' | KubeletError): void {
    for (const watcher of this.#watchers) {
      watcher.end = how
      watcher.bell.ring()
    }
  }

  async *read(nodeName: string, since: number, signal: AbortSignal): AsyncGenerator<PodWatchEvent> {
    if (since < this.#oldest) throw new KubeletError('gone', `too old resource version: ${since} (${this.#oldest})`)
    const watcher: Watcher = { bell: new Bell(), end: 'none' }
    this.#watchers.add(watcher)
    try {
      let at = 0
      while (!signal.aborted) {
        for (const entry of this.#entries.slice(at)) {
          const concerns = entry.nodeName === undefined || entry.nodeName === nodeName
          if (entry.version > since && concerns) yield entry.event
          at += 1
        }
        if (watcher.end === 'quiet') return
        if (watcher.end !== 'none') throw watcher.end
        if (at === this.#entries.length) await watcher.bell.wait(undefined, signal)
      }
      throw new KubeletError('aborted', 'Stopped watching')
    } finally {
      this.#watchers.delete(watcher)
    }
  }
}
