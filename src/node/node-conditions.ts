import { pressureConditions, type PressureCondition } from '../model/eviction-threshold.ts'
import type { NodeCondition } from '../model/kube.ts'
import { rfc3339 } from '../status/rfc3339.ts'

export interface NodeConditionsInput {
  /** What keeps the node from being ready; empty when nothing does. */
  readonly errors: readonly string[]
  /** What the node is short of. */
  readonly pressures: readonly PressureCondition[]
  /** The conditions as they were: a time of transition is kept until there is one. */
  readonly previous: readonly NodeCondition[]
  readonly nowMs: number
}

type Verdict = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>

/** The four conditions of a node, in the kubelet's order and words (pkg/kubelet/nodestatus/setters.go). */
export function nodeConditions(input: NodeConditionsInput): readonly NodeCondition[] {
  const { errors, pressures, previous, nowMs } = input
  const verdicts = [...pressureConditions.map((type) => pressure(type, pressures)), readiness(errors)]
  return verdicts.map((verdict) => condition(verdict, previous, nowMs))
}

function pressure(type: PressureCondition, pressures: readonly PressureCondition[]): Verdict {
  const { short, enough, what } = texts[type]
  return pressures.includes(type)
    ? { type, status: 'True', reason: short, message: `kubelet has ${what.short}` }
    : { type, status: 'False', reason: enough, message: `kubelet has ${what.enough}` }
}

const texts = {
  MemoryPressure: {
    short: 'KubeletHasInsufficientMemory',
    enough: 'KubeletHasSufficientMemory',
    what: { short: 'insufficient memory available', enough: 'sufficient memory available' },
  },
  DiskPressure: {
    short: 'KubeletHasDiskPressure',
    enough: 'KubeletHasNoDiskPressure',
    what: { short: 'disk pressure', enough: 'no disk pressure' },
  },
  PIDPressure: {
    short: 'KubeletHasInsufficientPID',
    enough: 'KubeletHasSufficientPID',
    what: { short: 'insufficient PID available', enough: 'sufficient PID available' },
  },
} as const

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
