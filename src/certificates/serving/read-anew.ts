import { FileChanges } from '../../util/file-changes.ts'
import { Listeners } from '../../util/listeners.ts'

export interface ReadAnewOptions<T> {
  /** The files that it comes from. */
  readonly paths: readonly string[]
  readonly read: () => Promise<T>
  readonly same: (left: T, right: T) => boolean
  /** Told when there is another than before. */
  readonly onChange: () => void
  /** Told when there may be, and it cannot be read: the one before stays. */
  readonly onFault: (error: unknown) => void
}

/** Something that comes from files, and is read anew whenever they change. */
export class ReadAnew<T> implements Disposable {
  readonly #options: ReadAnewOptions<T>
  readonly #changes: Disposable
  #current: T
  /** One at a time: the last one has the last word. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(options: ReadAnewOptions<T>, changes: Disposable, first: T) {
    this.#options = options
    this.#changes = changes
    this.#current = first
  }

  /** Throws what the first `read` throws. */
  static async open<T>(options: ReadAnewOptions<T>): Promise<ReadAnew<T>> {
    const changed = new Listeners()
    // Watched before they are read, so that no change is missed.
    const changes = new FileChanges(options.paths, () => changed.tell())
    try {
      const opened = new ReadAnew(options, changes, await options.read())
      changed.add(() => opened.again())
      opened.again()
      return opened
    } catch (error) {
      changes[Symbol.dispose]()
      throw error
    }
  }

  current(): T {
    return this.#current
  }

  again(): void {
    this.#turn = this.#turn.then(() => this.#read())
  }

  [Symbol.dispose](): void {
    this.#changes[Symbol.dispose]()
  }

  async #read(): Promise<void> {
    const { read, same, onChange, onFault } = this.#options
    try {
      const now = await read()
      if (same(now, this.#current)) return
      this.#current = now
    } catch (error) {
      onFault(error)
      return
    }
    onChange()
  }
}
