import type { ProbeType } from '../model/probe.ts'
import type { ProbeSpec } from './probe-spec.ts'

/** What is held of a container by one of its probes (the worker of pkg/kubelet/prober/worker.go), for one instance. */
export interface ProbeState {
  readonly verdict: 'unknown' | 'success' | 'failure'
  /** The last result, and how often it came in a row. */
  readonly streak: { readonly result: 'success' | 'failure'; readonly count: number } | undefined
  /** Nothing is asked any more: the instance has started, or is to be killed. */
  readonly onHold: boolean
}

/** What the status said of an instance that ran before this agent did. */
export interface TakenOver {
  readonly started: boolean
  readonly ready: boolean
}

/**
 * Before anything was asked an instance is alive, not ready, and of its start nothing is known. One that an agent before
 * this one has started stays what it was, so that no Pod flaps because its agent came anew.
 */
export function firstState(type: ProbeType, takenOver: TakenOver | undefined): ProbeState {
  switch (type) {
    case 'startup':
      return takenOver?.started === true
        ? { verdict: 'success', streak: undefined, onHold: true }
        : { verdict: 'unknown', streak: undefined, onHold: false }
    case 'liveness':
      return { verdict: 'success', streak: undefined, onHold: false }
    case 'readiness':
      return { verdict: takenOver?.ready === true ? 'success' : 'failure', streak: undefined, onHold: false }
    default:
      return type satisfies never
  }
}

/** After one more result. Errors are none: they leave everything as it is. */
export function afterResult(
  state: ProbeState,
  result: 'success' | 'failure',
  { type, successThreshold, failureThreshold }: ProbeSpec,
): ProbeState {
  const count = state.streak?.result === result ? state.streak.count + 1 : 1
  const streak = { result, count }
  if (count < (result === 'success' ? successThreshold : failureThreshold)) return { ...state, streak }
  const isDecided = type === 'startup' || (type === 'liveness' && result === 'failure')
  return { verdict: result, streak: isDecided ? undefined : streak, onHold: isDecided }
}
