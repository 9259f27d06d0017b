import { realpathSync, statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Where the system tells nothing (a network file system, no watches left), files are looked at this often. */
const lookEveryMs = 60_000
/** Whoever changes one file is about to change the one that belongs to it. */
const quietMs = 100

/**
 * Tells when one of some files has become another: written to, replaced by renaming, or reached through a symbolic link that
 * now points elsewhere, as in a mounted Secret. A file may be missing. It keeps no process alive.
 */
export class FileChanges implements Disposable {
  readonly #paths: readonly string[]
  readonly #onChange: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #timer: NodeJS.Timeout
  #soon: NodeJS.Timeout | undefined
  #seen: string

  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths
    this.#onChange = onChange
    this.#watch()
    this.#seen = this.#look()
    this.#timer = setInterval(() => this.#check(), lookEveryMs).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #check(): void {
    this.#watch()
    const now = this.#look()
    if (now === this.#seen) return
    this.#seen = now
    this.#onChange()
  }

  #hint(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.#check()
    }, quietMs).unref()
  }

  /** Watches the folders that the files and what they point to are in: a file that is replaced takes its watch with it. */
  #watch(): void {
    const folders = new Set(this.#paths.flatMap((path) => [dirname(path), ...folderBehind(path)]))
    // A folder that was removed and made again has the same name and another identity.
    const wanted = new Map([...folders].map((folder) => [`${identityOf(folder)} ${folder}`, folder]))
    for (const [id, watcher] of this.#watchers) {
      if (wanted.has(id)) continue
      watcher.close()
      this.#watchers.delete(id)
    }
    for (const [id, folder] of wanted) if (!this.#watchers.has(id)) this.#watchFolder(id, folder)
  }

  #watchFolder(id: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#hint())
      watcher.on('error', () => this.#hint())
      this.#watchers.set(id, watcher)
    } catch {
      // It is looked at from time to time, then.
    }
  }

  #look(): string {
    return this.#paths.map((path) => contentOf(path)).join('\n')
  }
}

function folderBehind(path: string): readonly string[] {
  try {
    return [dirname(realpathSync(path))]
  } catch {
    return []
  }
}

/** Which file or folder it is. */
function identityOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? 'none' : `${stats.dev}:${stats.ino}`
}

/** The same, and in which state. */
function contentOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'none' : `${stats.dev}:${stats.ino} ${stats.size} ${stats.mtimeNs}`
}
