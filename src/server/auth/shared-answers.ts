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

/** A question to the API server that nobody has answered by then is given up. */
const limitMs = 30_000

/** Answers to questions that many ask at once and again: each is asked once, and its answer kept for a while. Errors are not kept. */
export class SharedAnswers<Answer> {
  readonly #options: SharedAnswersOptions<Answer>
  readonly #kept: LruMap<string, { readonly answer: Answer; readonly untilMs: number }>
  readonly #asked = new Map<string, Promise<Answer>>()

  constructor(options: SharedAnswersOptions<Answer>) {
    this.#options = options
    this.#kept = new LruMap(options.capacity)
  }

  /**
   * The answer to the question `key`, from `ask` where none is kept. Throws what `ask` does, and `aborted` when `signal` fires;
   * asking goes on for the others then.
   */
  async get(key: string, ask: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const kept = this.#kept.get(key)
    if (kept !== undefined && Date.now() < kept.untilMs) return kept.answer
    let asked = this.#asked.get(key)
    if (asked === undefined) {
      asked = this.#ask(key, ask).finally(() => this.#asked.delete(key))
      this.#asked.set(key, asked)
    }
    return abortable(asked, signal, 'The caller is gone')
  }

  async #ask(key: string, ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const answer = await ask(AbortSignal.any([this.#options.signal, AbortSignal.timeout(limitMs)]))
    const keepMs = this.#options.keepMs(answer)
    if (keepMs > 0) this.#kept.set(key, { answer, untilMs: Date.now() + keepMs })
    return answer
  }
}
