import type { NodeCondition } from '../model/kube.ts'
import { rfc3339 } from '../status/rfc3339.ts'

export interface NodeConditionsInput {
  /** What keeps the node from being ready; empty when nothing does. */
  readonly errors: readonly string[]
  /** The conditions as they were: a time of transition is kept until there is one. */
  readonly previous: readonly NodeCondition[]
  readonly nowMs: number
}

type Verdict = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>

/** The four conditions of a node, in the kubelet's order and words (pkg/kubelet/nodestatus/setters.go). */
export function nodeConditions({ errors, previous, nowMs }: NodeConditionsInput): readonly NodeCondition[] {
  return [...noPressure, readiness(errors)].map((verdict) => condition(verdict, previous, nowMs))
}

/** This agent evicts nothing, so it feels no pressure either. */
const noPressure: readonly Verdict[] = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
]

function readiness(errors: readonly string[]): Verdict {
  const [first, ...others] = errors
  if (first === undefined) {
    return { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
  }
  // As Go prints several errors.
  const message = others.length === 0 ? first : `[${errors.join(', ')}]`
  return { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message }
}

function condition(verdict: Verdict, previous: readonly NodeCondition[], nowMs: number): NodeCondition {
  const now = rfc3339(nowMs)
  const before = previous.find(({ type }) => type === verdict.type)
  const isSame = before?.status === verdict.status
  return {
    ...verdict,
    lastHeartbeatTime: now,
    lastTransitionTime: (isSame ? before.lastTransitionTime : undefined) ?? now,
  }
}
