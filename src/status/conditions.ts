import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../model/kube.ts'
import type { Phase } from './phase.ts'
import { rfc3339 } from './rfc3339.ts'

/** The conditions that this agent decides on; every other one in a status is somebody else's. */
export const ownedConditions = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
] as const

type OwnedCondition = (typeof ownedConditions)[number]

interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

export interface ConditionFacts {
  readonly phase: Phase
  readonly statuses: readonly ContainerStatus[]
  /** A sandbox with its network runs. */
  readonly sandboxReady: boolean
  readonly previous: PodStatus | undefined
  readonly nowMs: number
}

/** The Pod's conditions in the kubelet's order (pkg/kubelet/status/generate.go). */
export function podConditions(pod: Pod, facts: ConditionFacts): readonly PodCondition[] {
  const containersReady = containersReadyVerdict(pod, facts)
  const verdicts: Readonly<Record<OwnedCondition, Verdict>> = {
    PodReadyToStartContainers: { status: facts.sandboxReady ? 'True' : 'False' },
    Initialized: facts.phase === 'Succeeded' ? { status: 'True', reason: 'PodCompleted' } : { status: 'True' },
    Ready: containersReady,
    ContainersReady: containersReady,
    PodScheduled: { status: 'True' },
  }
  const { generation } = pod.metadata
  return ownedConditions.map((type) => ({
    type,
    ...verdicts[type],
    lastTransitionTime: transitionTime(type, verdicts[type].status, facts),
    ...(generation ? { observedGeneration: generation } : {}),
  }))
}

function containersReadyVerdict(pod: Pod, { phase, statuses }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const ready = new Set(statuses.filter((status) => status.ready).map(({ name }) => name))
  const unready = pod.spec.containers.map(({ name }) => name).filter((name) => !ready.has(name))
  if (unready.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

/** The time of the last flip: only a change of `status` moves it. */
function transitionTime(type: OwnedCondition, status: Verdict['status'], facts: ConditionFacts): string {
  const before = facts.previous?.conditions?.find((condition) => condition.type === type)
  if (before?.status === status && before.lastTransitionTime !== undefined) return before.lastTransitionTime
  return rfc3339(facts.nowMs)
}
