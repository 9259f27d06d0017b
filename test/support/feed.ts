import { EventEmitter, once } from 'node:events'
import { inspect } from 'node:util'

/** Long enough for a busy machine: it only ends the wait for what will never come. */
const deadlineMs = 90_000

/** What came in so far, in order (lines of a log, versions of an object), and a way to wait for more without polling. */
export class Feed<T> {
  readonly #items: T[] = []
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #name: string
  #end: Error | undefined

  /** @param name What it is, for the message of a wait that was in vain. */
  constructor(name: string) {
    this.#name = name
  }

  get items(): readonly T[] {
    return this.#items
  }

  push(item: T): void {
    this.#items.push(item)
    this.#changes.emit('change')
  }

  /** Nothing comes any more: who waits is told why. */
  end(reason: Error): void {
    this.#end ??= reason
    this.#changes.emit('change')
  }

  /**
   * Asks `probe` about all that came, again whenever more has come, until it answers. Throws at the deadline, with what
   * `relevant` picks out of the items.
   */
  async until<R>(
    what: string,
    probe: (items: readonly T[]) => R | undefined,
    relevant: (items: readonly T[]) => unknown = (items) => items.slice(-5),
  ): Promise<R> {
    const deadline = AbortSignal.timeout(deadlineMs)
    for (;;) {
      const answer = probe(this.#items)
      if (answer !== undefined) return answer
      const seen = (): string => inspect(relevant(this.#items), { depth: 8, breakLength: 120 })
      if (this.#end !== undefined)
        throw new Error(`${this.#name} ended before ${what}: ${seen()}`, { cause: this.#end })
      if (deadline.aborted) throw new Error(`${this.#name}: in vain waited for ${what}: ${seen()}`)
      await once(this.#changes, 'change', { signal: deadline }).catch(() => 'the deadline')
    }
  }

  /** The first item, of those that came or will come, that passes `test`. */
  async first(what: string, test: (item: T) => boolean): Promise<T> {
    return this.until(what, (items) => items.find(test))
  }
}
