import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LogFields } from '../util/log.ts'
import type { MetricFamily } from './metric-family.ts'

type DelayHistogram = Pick<ReturnType<typeof monitorEventLoopDelay>, 'enable' | 'disable' | 'reset' | 'max'>

export interface EventLoopDelayOptions {
  readonly log: { readonly warn: (message: string, fields: LogFields) => void }
  /** Whose values are the times between its samples, in nanoseconds. Default: Node's, for this process. */
  readonly histogram?: DelayHistogram
  readonly intervalMs?: number
}

/** Between two samples; what is held up for less may be missed, and who samples more often is never idle. */
const sampleMs = 1000
const usualIntervalMs = 10_000
/** A lease may come 30 s late, a probe is lost after 1 s. */
const worthTellingMs = 1000

/**
 * How long anything has to wait until the agent has time for it: everything happens in one thread, and what holds that
 * up holds up leases, probes and all Pods. Each ten seconds the longest such time is looked at, and told of if it is long.
 */
export class EventLoopDelay {
  readonly #options: EventLoopDelayOptions
  readonly #histogram: DelayHistogram
  #lastMs = 0
  #longestMs = 0

  constructor(options: EventLoopDelayOptions) {
    this.#options = options
    this.#histogram = options.histogram ?? monitorEventLoopDelay({ resolution: sampleMs })
  }

  /** Measures until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    this.#histogram.enable()
    const timer = setInterval(() => this.#look(), this.#options.intervalMs ?? usualIntervalMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (!signal.aborted) await over
    clearInterval(timer)
    this.#histogram.disable()
  }

  families(): readonly MetricFamily[] {
    const now = this.#sinceLastLook()
    return [
      gauge('', 'in the last ten seconds or a little more', Math.max(this.#lastMs, now)),
      gauge('_max', 'since the agent started', Math.max(this.#longestMs, now)),
    ]
  }

  #look(): void {
    this.#lastMs = this.#sinceLastLook()
    this.#longestMs = Math.max(this.#longestMs, this.#lastMs)
    this.#histogram.reset()
    const ms = Math.round(this.#lastMs)
    if (ms >= worthTellingMs) this.#options.log.warn('The agent was held up: everything had to wait', { ms })
  }

  #sinceLastLook(): number {
    return Math.max(0, this.#histogram.max / 1e6 - sampleMs)
  }
}

function gauge(suffix: string, when: string, ms: number): MetricFamily {
  return {
    name: `minikubelet_event_loop_delay${suffix}_seconds`,
    help: `The longest that anything had to wait for the agent ${when}.`,
    type: 'gauge',
    samples: [{ labels: [], value: ms / 1000 }],
  }
}
