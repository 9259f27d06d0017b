import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import { probeTypes, type ProbeType, type ProbeVerdicts } from '../model/probe.ts'
import { ProbeLoop } from './probe-loop.ts'
import type { ProbeOutcome } from './probe-outcome.ts'
import { probeSpec, type ProbeSpec } from './probe-spec.ts'
import { afterResult, firstState, type ProbeState, type TakenOver } from './probe-state.ts'
import { runProbe, type ProbeTarget, type ProbeTools } from './run-probe.ts'
import { firstDueMs } from './schedule.ts'

export interface InstanceProbesOptions {
  readonly target: ProbeTarget
  readonly tools: ProbeTools
  /** When the instance was started. */
  readonly startedAtMs: number
  /** What an agent before this one has said of it; `undefined` for one that this agent has started. */
  readonly takenOver: TakenOver | undefined
  /** The Pod is on its way out: only readiness is asked for. */
  readonly isEnding: boolean
  /** Every answer that is worth telling: failures, warnings and errors. */
  readonly onOutcome: (type: ProbeType, outcome: Exclude<ProbeOutcome, { kind: 'success' }>) => void
  /** Every answer that says something of the container; how long it took, in milliseconds. */
  readonly onAnswer?: ((type: ProbeType, isWell: boolean, durationMs: number) => void) | undefined
  /** What is held of the instance has changed. */
  readonly onVerdicts: (verdicts: ProbeVerdicts) => void
  /** From 0 to 1. */
  readonly random: () => number
}

interface Probe {
  readonly spec: ProbeSpec
  readonly loop: ProbeLoop
  state: ProbeState
}

/** All probes of one running instance of a container. */
export class InstanceProbes {
  readonly #options: InstanceProbesOptions
  readonly #probes = new Map<ProbeType, Probe>()
  #verdicts: ProbeVerdicts

  constructor(options: InstanceProbesOptions) {
    this.#options = options
    for (const type of probeTypes) {
      const spec = probeSpec(options.target.container, type)
      if (spec === undefined) continue
      const probe: Probe = {
        spec,
        state: firstState(type, options.takenOver),
        loop: new ProbeLoop({ periodMs: spec.periodMs, ask: (signal) => this.#ask(probe, signal) }),
      }
      this.#probes.set(type, probe)
    }
    this.#verdicts = this.#judge()
    if (options.isEnding) this.keepReadiness()
    this.#begin(options.random)
  }

  get id(): ContainerId {
    return this.#options.target.id
  }

  get verdicts(): ProbeVerdicts {
    return this.#verdicts
  }

  /** The Pod is looked at because something happened: what is not ready may be so now. */
  hurry(nowMs: number): void {
    const readiness = this.#probes.get('readiness')
    if (readiness?.state.verdict === 'failure') readiness.loop.hurry(nowMs)
  }

  /** The Pod ends: it is not to be killed for a probe any more, but whoever sends it work is to know how it is. */
  keepReadiness(): void {
    this.#probes.get('startup')?.loop.end()
    this.#probes.get('liveness')?.loop.end()
  }

  end(): void {
    for (const { loop } of this.#probes.values()) loop.end()
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#probes.values()].map(({ loop }) => loop.settled()))
  }

  /** Before it is started only that is asked; liveness and readiness begin in the moment in which it is. */
  #begin(random: () => number): void {
    const types: readonly ProbeType[] = this.#verdicts.started ? ['liveness', 'readiness'] : ['startup']
    const { startedAtMs, takenOver } = this.#options
    for (const type of types) {
      const probe = this.#probes.get(type)
      if (probe === undefined) continue
      // A new agent finds all of them at once; spread over their period, those that are well don't come together for ever.
      const isWell = takenOver !== undefined && probe.state.verdict === 'success'
      const spreadMs = isWell ? probe.spec.periodMs * random() : 0
      probe.loop.begin(firstDueMs(probe.spec, { nowMs: Date.now(), startedAtMs, spreadMs }))
    }
  }

  async #ask(probe: Probe, signal: AbortSignal): Promise<boolean> {
    let outcome: ProbeOutcome
    const askedAtMs = performance.now()
    try {
      outcome = await runProbe(probe.spec, this.#options.target, this.#options.tools, signal)
    } catch (error) {
      if (signal.aborted) return false
      outcome = { kind: 'error', state: 'unknown', message: KubeletError.from(error).message }
    }
    if (signal.aborted) return false
    if (outcome.kind !== 'success') this.#options.onOutcome(probe.spec.type, outcome)
    if (outcome.kind === 'error') return true
    this.#options.onAnswer?.(probe.spec.type, outcome.kind !== 'failure', performance.now() - askedAtMs)
    const wasStarted = this.#verdicts.started
    probe.state = afterResult(probe.state, outcome.kind === 'failure' ? 'failure' : 'success', probe.spec)
    this.#publish()
    if (this.#verdicts.started && !wasStarted) this.#begin(() => 0)
    return !probe.state.onHold
  }

  #publish(): void {
    const before = this.#verdicts
    const now = this.#judge()
    if (now.started === before.started && now.ready === before.ready && now.failed === before.failed) return
    this.#verdicts = now
    this.#options.onVerdicts(now)
  }

  #judge(): ProbeVerdicts {
    const verdictOf = (type: ProbeType): ProbeState['verdict'] => this.#probes.get(type)?.state.verdict ?? 'success'
    const started = verdictOf('startup') === 'success'
    const failed = (['startup', 'liveness'] as const).find((type) => verdictOf(type) === 'failure')
    return { id: this.id, started, ready: started && verdictOf('readiness') === 'success', failed }
  }
}
