import type { Engine, EngineEvent } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { PodUid } from '../model/ids.ts'
import { Bell } from '../util/bell.ts'
import type { ObservedPods } from './observed-pods.ts'

export interface RelistOptions {
  readonly engine: Engine
  readonly observed: ObservedPods
  /** Docker answers (again): it may be another one than before. */
  readonly onConnected: () => void
  /** Images in Docker have changed. */
  readonly onImages: () => void
  /** A Pod's objects in Docker have changed. */
  readonly onChange: (uid: PodUid) => void
  /** A whole list has been taken. */
  readonly onListed: () => void
  readonly onError: (error: KubeletError) => void
  /** Told how well the agent keeps up with Docker. */
  readonly measures?: RelistMeasures
  /** Milliseconds between lists while nothing asks for one. */
  readonly periodMs: number
}

/** Times are epoch milliseconds. */
export interface RelistMeasures {
  listed(list: { readonly durationMs: number; readonly atMs: number }): void
  /** An event came. */
  heard(atMs: number): void
  /** The stream of events stands (anew). */
  connected(atMs: number): void
}

const retryMs = 1000

/**
 * Keeps what is known of Docker true: its events are hints that come at once, a list of everything is the truth that
 * comes now and then and whenever the event stream stands anew.
 */
export class Relist {
  readonly #options: RelistOptions
  readonly #bell = new Bell()
  #listedAtMs: number | undefined
  #fault: KubeletError | undefined

  constructor(options: RelistOptions) {
    this.#options = options
  }

  /** Why Docker gave no list when it was last asked; `undefined` where it did. */
  get fault(): KubeletError | undefined {
    return this.#fault
  }

  /** When Docker last gave a whole list, epoch milliseconds; `undefined` before the first. */
  get listedAtMs(): number | undefined {
    return this.#listedAtMs
  }

  /** The first list: what Docker holds must be known before any Pod is decided on. Throws what the engine throws. */
  async firstList(signal: AbortSignal): Promise<void> {
    await this.#list(signal)
  }

  /** Runs until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listLoop(signal), this.#eventLoop(signal)])
  }

  async #listLoop(signal: AbortSignal): Promise<void> {
    for (let untilMs = this.#next(); ; untilMs = await this.#tryList(signal)) {
      await this.#bell.wait(untilMs, signal)
      if (signal.aborted) return
    }
  }

  /** Returns when the next list is due. */
  async #tryList(signal: AbortSignal): Promise<number> {
    try {
      await this.#list(signal)
      return this.#next()
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code !== 'aborted') {
        this.#fault = fault
        this.#options.onError(fault)
      }
      return Date.now() + retryMs
    }
  }

  #next(): number {
    return Date.now() + this.#options.periodMs
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { engine, observed, onChange, onListed, measures } = this.#options
    const startedAtMs = performance.now()
    const known = observed.ids()
    const summaries = await engine.list(signal)
    this.#listedAtMs = Date.now()
    this.#fault = undefined
    for (const uid of observed.applyList(summaries, known)) onChange(uid)
    measures?.listed({ durationMs: performance.now() - startedAtMs, atMs: Date.now() })
    onListed()
  }

  async #eventLoop(signal: AbortSignal): Promise<void> {
    for await (const event of this.#options.engine.events(signal)) this.#take(event)
  }

  #take(event: EngineEvent): void {
    this.#options.measures?.heard(Date.now())
    switch (event.kind) {
      case 'connected':
        this.#options.measures?.connected(Date.now())
        this.#options.onConnected()
        this.#bell.ring()
        return
      case 'image':
        this.#options.onImages()
        return
      case 'container':
        this.#takeContainer(event)
        return
      default:
        event satisfies never
    }
  }

  /** Events of what this agent has just done itself, and knows already, wake nobody. */
  #takeContainer({ action, id, podUid }: Extract<EngineEvent, { kind: 'container' }>): void {
    const { observed, onChange } = this.#options
    const state = observed.find(podUid, id)?.state
    // One that is not known yet: its maker, or the next list, will look at it anyway.
    if (state === undefined) return
    const { phase } = state
    switch (action) {
      case 'create':
        return
      case 'start':
        if (phase === 'running') return
        observed.markStale(podUid, id, 'running')
        break
      case 'die':
        if (phase === 'exited') return
        observed.markStale(podUid, id, 'exited')
        break
      case 'oom':
        // Docker may know of it only after the container's end.
        if (state.phase === 'exited' && state.oomKilled) return
        observed.markStale(podUid, id)
        break
      case 'destroy':
        observed.drop(podUid, id)
        break
      default:
        action satisfies never
    }
    onChange(podUid)
  }
}
