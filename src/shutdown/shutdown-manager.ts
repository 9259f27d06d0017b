import { KubeletError } from '../model/errors.ts'
import { podUid, type PodUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { Bell } from '../util/bell.ts'
import type { Logger } from '../util/log.ts'
import { sleep } from '../util/sleep.ts'
import { HeldLock } from './held-lock.ts'
import type { InhibitorLock } from './inhibitor.ts'
import type { Logind } from './logind.ts'
import {
  shutdownGraceSeconds,
  shutdownGroups,
  shutdownSeconds,
  type ShutdownGroup,
  type ShutdownPeriod,
} from './shutdown-schedule.ts'
import type { ShutdownTimesSeen } from './shutdown-state.ts'

type KnownLogind = Pick<Logind, 'isShuttingDown' | 'allowSeconds' | 'shutdowns' | typeof Symbol.dispose>

export interface ShutdownManagerOptions {
  /** Lowest priority first; at least one. */
  readonly periods: readonly ShutdownPeriod[]
  readonly connect: (signal: AbortSignal) => Promise<KnownLogind>
  readonly inhibit: (signal: AbortSignal) => Promise<InhibitorLock>
  /** The Pods of which anything runs, or is to. */
  readonly pods: () => readonly Pod[]
  /** Begins to end one, within so many seconds. */
  readonly end: (uid: PodUid, graceSeconds: number) => void
  /** Nothing of it runs, and its volumes are gone. */
  readonly isCleanedUp: (uid: PodUid) => boolean
  /** The machine shuts down from now on, or does not after all. */
  readonly onChange: (isShuttingDown: boolean) => void
  readonly onTimes: (times: ShutdownTimesSeen) => Promise<void>
  readonly log: Logger
  /** Between two tries to reach logind, or to get the lock back: first, and at most. */
  readonly retryMs?: readonly [first: number, most: number]
}

const usualRetryMs = [1000, 30_000] as const

/**
 * Holds up a shutdown of the machine until the Pods have ended, group by group (managerImpl in
 * pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go). Unlike the kubelet it goes on trying where logind is not there at
 * first, begins no further group once the shutdown has been cancelled, and finds out what it has missed.
 */
export class ShutdownManager {
  readonly #options: ShutdownManagerOptions
  readonly #progress = new Bell()
  readonly #lock: HeldLock
  #ending: { readonly abort: AbortController; readonly done: Promise<void> } | undefined
  #isShuttingDown = false

  constructor(options: ShutdownManagerOptions) {
    this.#options = options
    const { inhibit, retryMs = usualRetryMs, log } = options
    this.#lock = new HeldLock({ inhibit, mayTake: () => !this.#isShuttingDown, retryMs, log })
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown
  }

  /** A Pod may have ended. */
  podWorked(): void {
    if (this.#ending !== undefined) this.#progress.ring()
  }

  /** Runs until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, retryMs: [first, most] = usualRetryMs } = this.#options
    let retryMs = first
    let told = ''
    const isOver = (): boolean => signal.aborted
    while (!isOver()) {
      const error = await this.#watch(signal, () => {
        retryMs = first
        told = ''
      }).catch((reason: unknown) => KubeletError.from(reason))
      if (isOver()) break
      const why = error?.message ?? 'the message bus is gone'
      if (why !== told) log.warn('A shutdown of this machine would not wait for Pods', { error: error ?? why })
      told = why
      await sleep(retryMs, signal)
      retryMs = Math.min(most, 2 * retryMs)
    }
    this.#ending?.abort.abort()
    await this.#ending?.done
    await this.#lock.release()
  }

  /** As long as the bus is there. */
  async #watch(signal: AbortSignal, onReady: () => void): Promise<undefined> {
    using logind = await this.#options.connect(signal)
    const isUnderWay = await logind.isShuttingDown(signal)
    if (isUnderWay !== this.#isShuttingDown) await this.#change(isUnderWay, logind, signal)
    // In the middle of a shutdown logind gives no lock.
    else if (!isUnderWay) await this.#delay(logind, signal)
    onReady()
    for await (const isBeginning of logind.shutdowns(signal)) await this.#change(isBeginning, logind, signal)
    return undefined
  }

  async #change(isShuttingDown: boolean, logind: KnownLogind, signal: AbortSignal): Promise<void> {
    const { onChange, log } = this.#options
    log.info(isShuttingDown ? 'The machine shuts down' : 'The machine does not shut down after all')
    this.#isShuttingDown = isShuttingDown
    onChange(isShuttingDown)
    if (isShuttingDown) this.#begin(signal)
    else await this.#cancel(logind, signal)
  }

  /** Has a shutdown wait from now on. */
  async #delay(logind: KnownLogind, signal: AbortSignal): Promise<void> {
    const { periods, log } = this.#options
    const seconds = shutdownSeconds(periods)
    await logind.allowSeconds(seconds, signal)
    await this.#lock.take(signal)
    log.info('A shutdown of this machine waits for Pods', { seconds })
  }

  #begin(signal: AbortSignal): void {
    if (this.#ending !== undefined) return
    const abort = new AbortController()
    const done = this.#endPods(AbortSignal.any([signal, abort.signal])).finally(() => {
      this.#ending = undefined
    })
    this.#ending = { abort, done }
  }

  async #cancel(logind: KnownLogind, signal: AbortSignal): Promise<void> {
    this.#ending?.abort.abort()
    await this.#ending?.done
    await this.#delay(logind, signal)
  }

  /** The lock is let go of when all is done that there was time for. Never rejects. */
  async #endPods(signal: AbortSignal): Promise<void> {
    const { periods, pods, onTimes, log } = this.#options
    const startedAtMs = Date.now()
    const note = (endedAtMs: number | undefined): Promise<void> =>
      onTimes({ startedAtMs, endedAtMs }).catch((error: unknown) =>
        log.warn('When the shutdown was could not be noted', { error }),
      )
    await note(undefined)
    for (const group of shutdownGroups(periods, pods())) {
      if (signal.aborted) break
      await this.#endGroup(group, signal)
    }
    await note(Date.now())
    log.info('A shutdown of this machine need not wait any more')
    await this.#lock.release()
  }

  /** It ends early when all its Pods have. */
  async #endGroup(group: ShutdownGroup, signal: AbortSignal): Promise<void> {
    const { end, isCleanedUp, log } = this.#options
    const { priority, seconds, pods } = group
    log.info('Ending the Pods of a priority', { priority, seconds, pods: pods.length })
    for (const pod of pods) end(podUid(pod.metadata.uid), shutdownGraceSeconds(pod, group))
    // By a clock that nobody sets: the machine is not to wait for longer.
    const untilMs = performance.now() + seconds * 1000
    const isOver = (): boolean => pods.every(({ metadata }) => isCleanedUp(podUid(metadata.uid)))
    while (!isOver() && performance.now() < untilMs && !signal.aborted)
      await this.#progress.waitFor(untilMs - performance.now(), signal)
    if (!isOver()) log.warn('Not all Pods of a priority have ended in their time', { priority, seconds })
  }
}
