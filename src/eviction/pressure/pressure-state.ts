import { pressureConditions, type EvictionThreshold, type PressureCondition } from '../../model/eviction-threshold.ts'
import { signalMeanings, type Observations } from './signals.ts'
import { crossedThresholds } from './thresholds.ts'

/** What is remembered of one look for the next. */
export interface PressureState {
  /**
   * Since when a threshold has been crossed, without a look at which it was not. Milliseconds
   * of the clock that looks go by.
   */
  readonly crossedSinceMs: ReadonlyMap<EvictionThreshold, number>
  /** When a condition was seen last. */
  readonly conditionSeenMs: ReadonlyMap<PressureCondition, number>
  /** Those that had been crossed for long enough: until more is left than that, they count as crossed. */
  readonly met: readonly EvictionThreshold[]
  readonly observations: Observations
}

export const noPressure: PressureState = {
  crossedSinceMs: new Map(),
  conditionSeenMs: new Map(),
  met: [],
  observations: new Map(),
}

export interface Pressure {
  readonly state: PressureState
  /** What the node is short of, in the order of its conditions. */
  readonly conditions: readonly PressureCondition[]
  /** What something is to be done about now. */
  readonly due: readonly EvictionThreshold[]
}

export interface PressureRules {
  readonly thresholds: readonly EvictionThreshold[]
  readonly pressureTransitionMs: number
}

/**
 * What follows from what was seen at `nowMs` (synchronize in pkg/kubelet/eviction/eviction_manager.go): a threshold that was
 * crossed is so until what is to be reclaimed beyond it is free; a condition stays for a time after it was seen last; and
 * nothing is done twice about the same figures.
 */
export function observePressure(
  before: PressureState,
  observations: Observations,
  { thresholds, pressureTransitionMs }: PressureRules,
  nowMs: number,
): Pressure {
  const crossed = new Set([
    ...crossedThresholds(thresholds, observations, false),
    ...crossedThresholds(before.met, observations, true),
  ])
  const crossedSinceMs = new Map([...crossed].map((each) => [each, before.crossedSinceMs.get(each) ?? nowMs] as const))
  const seenNow = [...crossed].map(({ signal }) => [signalMeanings[signal].condition, nowMs] as const)
  const conditionSeenMs = new Map([...before.conditionSeenMs, ...seenNow])
  const met = [...crossedSinceMs].flatMap(([each, sinceMs]) => (nowMs - sinceMs >= each.graceMs ? [each] : []))
  return {
    state: { crossedSinceMs, conditionSeenMs, met, observations },
    conditions: pressureConditions.filter((condition) => {
      const seenMs = conditionSeenMs.get(condition)
      return seenMs !== undefined && nowMs - seenMs < pressureTransitionMs
    }),
    due: met.filter(({ signal }) => {
      const [now, last] = [observations.get(signal), before.observations.get(signal)]
      return now !== undefined && (last === undefined || now.atMs !== last.atMs)
    }),
  }
}
