import { setImmediate as turn } from 'node:timers/promises'

export interface DiskLedgerOptions<Request, Result> {
  /** What tells requests apart. */
  readonly keyOf: (request: Request) => string
  /** `undefined` when there is nothing to say. Must not reject. */
  readonly measure: (request: Request, signal: AbortSignal) => Promise<Result | undefined>
  readonly nowMs?: () => number
  /** Ends what is being measured. */
  readonly signal: AbortSignal
}

interface Entry<Result> {
  result: Result | undefined
  atMs: number
  askedAtMs: number
  /** What was measured does not have to be measured again before this. */
  dueAtMs: number
  isQueued: boolean
}

/** How old a measurement may become while somebody asks for it. */
const usualAgeMs = 45_000
/** What nobody has asked for meanwhile is not shown when it is so old: it says nothing of now. */
const longestAgeMs = 120_000
/** What nobody has asked for since then is not kept either. */
const forgottenAfterMs = 600_000
/** What takes long is measured less often: so long a time after it, by the time that it has taken. */
const restFactor = 20

/**
 * What lies on disks, measured beside those who ask: they get what was measured last, at once, and what is old is measured
 * again behind their backs, one thing after the other. Nothing is measured that nobody asks for, and no timer runs.
 */
export class DiskLedger<Request, Result> {
  readonly #options: DiskLedgerOptions<Request, Result>
  readonly #entries = new Map<string, Entry<Result>>()
  readonly #queue: Request[] = []
  #pump: Promise<void> | undefined

  constructor(options: DiskLedgerOptions<Request, Result>) {
    this.#options = options
  }

  /**
   * The last measurement; `undefined` where there is none. Asks for a new one where it is time, or
   * where it is older than that.
   */
  get(request: Request, maxAgeMs = Number.POSITIVE_INFINITY): Result | undefined {
    const { keyOf } = this.#options
    const nowMs = this.#nowMs()
    const key = keyOf(request)
    const entry = this.#entries.get(key) ?? {
      result: undefined,
      atMs: 0,
      askedAtMs: nowMs,
      dueAtMs: 0,
      isQueued: false,
    }
    this.#entries.set(key, entry)
    if (nowMs - Math.max(entry.askedAtMs, entry.atMs) > longestAgeMs) entry.result = undefined
    entry.askedAtMs = nowMs
    if (Math.min(entry.dueAtMs, entry.atMs + maxAgeMs) <= nowMs && !entry.isQueued) {
      entry.isQueued = true
      this.#queue.push(request)
      this.#pump ??= this.#measureAll()
    }
    return entry.result
  }

  /** Resolves when everything that has been asked for is measured. */
  async settled(): Promise<void> {
    await this.#pump
  }

  async #measureAll(): Promise<void> {
    const { signal } = this.#options
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      // Between two of them others have their turn.
      await turn()
      if (!signal.aborted) await this.#measure(next)
    }
    this.#forget()
    this.#pump = undefined
  }

  /** What nobody asks for any more is gone, with its Pod. */
  #forget(): void {
    const nowMs = this.#nowMs()
    for (const [key, { askedAtMs }] of this.#entries)
      if (nowMs - askedAtMs > forgottenAfterMs) this.#entries.delete(key)
  }

  async #measure(request: Request): Promise<void> {
    const { keyOf, measure, signal } = this.#options
    const entry = this.#entries.get(keyOf(request))
    if (entry === undefined) return
    const beganAtMs = this.#nowMs()
    entry.result = await measure(request, signal)
    entry.atMs = this.#nowMs()
    entry.dueAtMs = entry.atMs + Math.max(usualAgeMs, (entry.atMs - beganAtMs) * restFactor)
    entry.isQueued = false
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)()
  }
}
