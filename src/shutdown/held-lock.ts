import { KubeletError } from '../model/errors.ts'
import { abortable } from '../util/abortable.ts'
import type { Logger } from '../util/log.ts'
import { sleep } from '../util/sleep.ts'
import type { InhibitorLock } from './inhibitor.ts'

export interface HeldLockOptions {
  readonly inhibit: (signal: AbortSignal) => Promise<InhibitorLock>
  /** In the middle of a shutdown none is to be had. */
  readonly mayTake: () => boolean
  /** Between two tries to take one that is lost: after the first, which is made at once, and at most. */
  readonly retryMs: readonly [first: number, most: number]
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** The lock that holds up a shutdown: one that is lost is taken anew, until it is let go of. */
export class HeldLock {
  readonly #options: HeldLockOptions
  #keeping: { readonly stop: AbortController; readonly done: Promise<void> } | undefined

  constructor(options: HeldLockOptions) {
    this.#options = options
  }

  /** Anew: the old lock goes when there is another. Throws what `inhibit` throws. */
  async take(signal: AbortSignal): Promise<void> {
    const lock = await this.#options.inhibit(signal)
    await this.release()
    const stop = new AbortController()
    this.#keeping = { stop, done: this.#keep(lock, stop.signal) }
  }

  /** Resolves when nothing holds it any more. Never rejects. */
  async release(): Promise<void> {
    const { stop, done } = this.#keeping ?? {}
    this.#keeping = undefined
    stop?.abort()
    await done
  }

  async #keep(first: InhibitorLock, signal: AbortSignal): Promise<void> {
    const {
      retryMs: [least, most],
      log,
      mayTake,
    } = this.#options
    const isOver = (): boolean => signal.aborted || !mayTake()
    let waitMs = 0
    for (let lock: InhibitorLock | undefined = first; ;) {
      const sinceMs = performance.now()
      if (lock !== undefined) await untilGone(lock, signal)
      if (isOver()) return
      if (lock !== undefined) log.warn('The lock that has a shutdown of this machine wait for Pods is lost', { waitMs })
      // One that is lost again and again is not taken at full speed.
      if (performance.now() - sinceMs > most) waitMs = 0
      await sleep(waitMs, signal)
      waitMs = Math.min(most, Math.max(least, 2 * waitMs))
      if (isOver()) return
      lock = await this.#again(waitMs, signal)
    }
  }

  async #again(waitMs: number, signal: AbortSignal): Promise<InhibitorLock | undefined> {
    const { inhibit, log } = this.#options
    try {
      const lock = await inhibit(signal)
      log.info('A shutdown of this machine waits for Pods again')
      return lock
    } catch (error) {
      if (!signal.aborted)
        log.warn('A shutdown of this machine would not wait for Pods', {
          error: KubeletError.from(error),
          retryInMs: waitMs,
        })
      return undefined
    }
  }
}

/** Whoever lets go of it: at last this does. */
async function untilGone(lock: InhibitorLock, signal: AbortSignal): Promise<void> {
  await using held = lock
  await abortable(held.gone, signal, 'Nobody wants the lock any more').catch(() => undefined)
}
