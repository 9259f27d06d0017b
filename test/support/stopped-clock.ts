import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import type { MockTracker } from 'node:test'
import { KubeletError } from '../../src/model/errors.ts'

/** Only a guard, for what is due again and again. */
const maxMoments = 10_000

interface Timer {
  readonly dueAtMs: number
  readonly callback: () => void
}

/**
 * A clock that stands until it is told to go on, and then stops at each moment at which something is due: nothing comes
 * late, and an hour costs as much as what happens in it. It is the clock of the whole process until it is disposed.
 */
export class StoppedClock implements Disposable {
  readonly #mock: MockTracker
  readonly #timers = new Map<object, Timer>()
  #nowMs: number

  constructor(mock: MockTracker, nowMs: number) {
    this.#mock = mock
    this.#nowMs = nowMs
    mock.timers.reset()
    mock.timers.enable({ apis: ['Date'], now: nowMs })
    mock.method(globalThis, 'setTimeout', (callback: () => void, ms: number) => this.#set(callback, ms))
    mock.method(globalThis, 'clearTimeout', (timer: object | undefined) => this.#clear(timer))
    mock.method(timersPromises, 'setTimeout', this.#delay.bind(this))
    // Who has imported it by its name gets it too.
    syncBuiltinESMExports()
  }

  /** How many timers are set. */
  get size(): number {
    return this.#timers.size
  }

  /** Lets `ms` pass. `settle` runs before that, after each moment at which something was due, and at the end. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    await settle()
    const endMs = this.#nowMs + ms
    let moments = 0
    for (let due = this.#nextDue(endMs); due !== undefined; due = this.#nextDue(endMs)) {
      if (++moments > maxMoments) throw new Error(`Something was due at ${maxMoments} moments within ${ms} ms`)
      this.#goTo(Math.max(due, this.#nowMs))
      for (const [key, timer] of this.#timers) {
        if (timer.dueAtMs > this.#nowMs || !this.#timers.delete(key)) continue
        timer.callback()
      }
      await settle()
    }
    this.#goTo(endMs)
    await settle()
  }

  [Symbol.dispose](): void {
    this.#mock.timers.reset()
    this.#mock.restoreAll()
    syncBuiltinESMExports()
  }

  #nextDue(endMs: number): number | undefined {
    let next: number | undefined
    for (const { dueAtMs } of this.#timers.values()) {
      if (dueAtMs <= endMs && (next === undefined || dueAtMs < next)) next = dueAtMs
    }
    return next
  }

  #goTo(nowMs: number): void {
    this.#nowMs = nowMs
    this.#mock.timers.setTime(nowMs)
  }

  #set(callback: () => void, ms: number): object {
    const key = { unref: () => key, ref: () => key }
    // As Node has it: never at once.
    this.#timers.set(key, { dueAtMs: this.#nowMs + Math.max(1, ms), callback })
    return key
  }

  #clear(key: object | undefined): void {
    if (key !== undefined) this.#timers.delete(key)
  }

  async #delay<T>(ms: number, value: T, { signal }: { readonly signal?: AbortSignal } = {}): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const key = this.#set(() => resolve(value), ms)
    const onAbort = (): void => {
      this.#clear(key)
      reject(new KubeletError('aborted', 'The wait was ended'))
    }
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }
}
