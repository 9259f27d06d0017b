import { statSync, watch, type FSWatcher, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Tells of changes in a folder, or to a file, that may come and go. It is only a hint: where the system cannot watch (no
 * inotify watches left, a network file system), nothing is told.
 */
export class PathWatcher implements Disposable {
  readonly #path: string
  readonly #onChange: (turned?: string) => void
  #watched: { readonly id: string; readonly watcher: FSWatcher } | undefined

  /** `turned` is the absolute path of a file that came, went, or took the place of another. */
  constructor(path: string, onChange: (turned?: string) => void) {
    this.#path = path
    this.#onChange = onChange
  }

  /**
   * Watches what is there now: the folder, else what the file or the missing folder would be
   * in. Call it before each look.
   */
  refresh(): void {
    const folder = isFolder(this.#path) ? this.#path : dirname(this.#path)
    const id = identityOf(folder)
    // A folder that was removed and made again has the same name and another identity.
    if (id === this.#watched?.id) return
    this[Symbol.dispose]()
    if (id === undefined) return
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) =>
        this.#onChange(event === 'rename' && name !== null ? join(folder, name) : undefined),
      )
      watcher.on('error', () => this.#onChange())
      this.#watched = { id, watcher }
    } catch {
      // Nothing is told, then.
    }
  }

  [Symbol.dispose](): void {
    this.#watched?.watcher.close()
    this.#watched = undefined
  }
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false
}

function identityOf(folder: string): string | undefined {
  const stats = statOf(folder)
  return stats === undefined ? undefined : `${folder} ${stats.dev}:${stats.ino}`
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
