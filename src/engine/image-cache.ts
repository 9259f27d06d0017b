import type { InspectedImage } from './engine.ts'

/**
 * What Docker has said of images, kept for as long as it is known to be true: while Docker's events are being read,
 * which tell of every image that comes, goes or is tagged otherwise. Without them it keeps nothing.
 */
export class ImageCache {
  readonly #images = new Map<string, InspectedImage>()
  readonly #capacity: number
  /** Readers of the event stream that stand. */
  #watchers = 0
  /** Counts the times that all was forgotten, so that an answer from before it is not kept after it. */
  #generation = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get generation(): number {
    return this.#generation
  }

  /** The image under a name, digest or id. */
  get(reference: string): InspectedImage | undefined {
    const image = this.#images.get(reference)
    if (image !== undefined) this.#moveToEnd(reference, image)
    return image
  }

  /**
   * Keeps an answer that was asked for when `generation` was the cache's. Where there is no room, the one goes that
   * nobody has asked for the longest.
   */
  put(reference: string, image: InspectedImage, generation: number): void {
    if (this.#watchers === 0 || generation !== this.#generation) return
    this.#moveToEnd(reference, image)
    const [oldest] = this.#images.keys()
    if (this.#images.size > this.#capacity && oldest !== undefined) this.#images.delete(oldest)
  }

  /** Something has changed. */
  forget(): void {
    this.#generation++
    this.#images.clear()
  }

  /** A stream of events stands, until the result is disposed. */
  watch(): Disposable {
    this.forget()
    this.#watchers++
    return {
      [Symbol.dispose]: () => {
        this.#watchers--
        if (this.#watchers === 0) this.forget()
      },
    }
  }

  #moveToEnd(reference: string, image: InspectedImage): void {
    this.#images.delete(reference)
    this.#images.set(reference, image)
  }
}
