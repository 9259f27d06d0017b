import type { Engine } from '../engine/engine.ts'

/** Images come and go seldom, and a list of them costs Docker some milliseconds. */
const ageMs = 300_000

/** What all images take up by their sizes, asked of Docker now and then, beside whoever wants to know. */
export class ImageBytes {
  readonly #engine: Pick<Engine, 'listImages'>
  readonly #signal: AbortSignal
  #bytes: number | undefined
  #dueAtMs = 0
  #asking: Promise<void> | undefined

  constructor(engine: Pick<Engine, 'listImages'>, signal: AbortSignal) {
    this.#engine = engine
    this.#signal = signal
  }

  /** As of the last list; `undefined` while there is none. */
  get(): number | undefined {
    if (Date.now() >= this.#dueAtMs) this.#asking ??= this.#ask()
    return this.#bytes
  }

  async settled(): Promise<void> {
    await this.#asking
  }

  async #ask(): Promise<void> {
    try {
      const images = await this.#engine.listImages(this.#signal)
      this.#bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    } catch {
      // Docker is away: what is known of it stays.
    }
    this.#dueAtMs = Date.now() + ageMs
    this.#asking = undefined
  }
}
