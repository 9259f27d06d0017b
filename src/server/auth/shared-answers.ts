import { abortable } from '../../util/abortable.ts'
import { LruMap } from '../../util/lru-map.ts'

export interface SharedAnswersOptions<Answer> {
  /** How many answers are kept. */
  readonly capacity: number
  /** How long an answer is good, milliseconds; 0 for not at all. */
  readonly keepMs: (answer: Answer) => number
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/** A question on its way. */
interface Asking<Answer> {
  readonly answer: Promise<Answer>
  readonly stop: AbortController
  /** How many wait for it. */
  waiting: number
}

/**
 * Answers to questions that many ask at once and again: each is asked once, and its answer kept for a while. Errors are
 * not kept. What nobody waits for any more is not asked any further: as many questions are on
 * their way as there are callers.
 */
export class SharedAnswers<Answer> {
  readonly #options: SharedAnswersOptions<Answer>
  readonly #kept: LruMap<string, { readonly answer: Answer; readonly untilMs: number }>
  readonly #asked = new Map<string, Asking<Answer>>()

  constructor(options: SharedAnswersOptions<Answer>) {
    this.#options = options
    this.#kept = new LruMap(options.capacity)
    options.signal.addEventListener('abort', () => {
      for (const { stop } of this.#asked.values()) stop.abort()
    })
  }

  /**
   * The answer to the question `key`, from `ask`, which has its own limit of time, where none is kept. Throws what
   * `ask` does, and `aborted` when `signal` fires; asking goes on for the others then, if there are any.
   */
  async get(key: string, ask: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const kept = this.#kept.get(key)
    if (kept !== undefined && Date.now() < kept.untilMs) return kept.answer
    const asking = this.#asked.get(key) ?? this.#begin(key, ask)
    asking.waiting += 1
    try {
      return await abortable(asking.answer, signal, 'The caller is gone')
    } finally {
      asking.waiting -= 1
      if (asking.waiting === 0) this.#end(key, asking)
    }
  }

  #begin(key: string, ask: (signal: AbortSignal) => Promise<Answer>): Asking<Answer> {
    const stop = new AbortController()
    if (this.#options.signal.aborted) stop.abort()
    const asking = { answer: this.#ask(key, ask, stop.signal), stop, waiting: 0 }
    this.#asked.set(key, asking)
    return asking
  }

  #end(key: string, asking: Asking<Answer>): void {
    if (this.#asked.get(key) === asking) this.#asked.delete(key)
    asking.stop.abort()
  }

  async #ask(key: string, ask: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const answer = await ask(signal)
    const keepMs = this.#options.keepMs(answer)
    if (keepMs > 0) this.#kept.set(key, { answer, untilMs: Date.now() + keepMs })
    return answer
  }
}
