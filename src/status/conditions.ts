import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../model/kube.ts'
import { initContainers, isSidecar, sidecars } from '../model/pod.ts'
import { allContainersRestarting } from '../model/restart-all.ts'
import { resizeInProgress, resizePending } from '../model/resize.ts'
import { canRestartAll } from '../model/restart-policy.ts'
import type { Phase } from './phase.ts'
import { rfc3339 } from './rfc3339.ts'

/** Those of them that every Pod has, or has while it may restart as a whole. */
const lastingConditions = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  allContainersRestarting,
] as const

type LastingCondition = (typeof lastingConditions)[number]

/** The conditions that this agent decides on; every other one in a status is somebody else's. */
export const ownedConditions: readonly string[] = [resizePending, resizeInProgress, ...lastingConditions]

interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

export interface ConditionFacts {
  readonly phase: Phase
  /** Init containers and sidecars, in the order of the spec. */
  readonly init: readonly ContainerStatus[]
  /** The regular containers. */
  readonly statuses: readonly ContainerStatus[]
  /** All containers are being removed, to be started anew. */
  readonly restartsAll?: boolean
  /** A sandbox with its network runs. */
  readonly sandboxReady: boolean
  readonly previous: PodStatus | undefined
  readonly nowMs: number
}

/** The Pod's conditions in the kubelet's order (pkg/kubelet/status/generate.go). */
export function podConditions(pod: Pod, facts: ConditionFacts): readonly PodCondition[] {
  const containersReady = containersReadyVerdict(pod, facts)
  const verdicts: Readonly<Record<LastingCondition, Verdict | undefined>> = {
    PodReadyToStartContainers: { status: facts.sandboxReady ? 'True' : 'False' },
    Initialized: initializedVerdict(pod, facts),
    Ready: readyVerdict(pod, containersReady),
    ContainersReady: containersReady,
    PodScheduled: { status: 'True' },
    AllContainersRestarting: canRestartAll(pod) ? restartsAllVerdict(facts) : undefined,
  }
  const { generation } = pod.metadata
  return lastingConditions.flatMap((type) => {
    const verdict = verdicts[type]
    if (verdict === undefined) return []
    const lastTransitionTime = transitionTime(type, verdict.status, facts)
    const hasGeneration = generation !== undefined && generation !== 0 && type !== allContainersRestarting
    return { type, ...verdict, lastTransitionTime, ...(hasGeneration ? { observedGeneration: generation } : {}) }
  })
}

function restartsAllVerdict({ phase, restartsAll }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  if (restartsAll !== true) return { status: 'False' }
  return {
    status: 'True',
    reason: 'RestartAllContainersStarted',
    message: 'container exited with restart policy rule',
  }
}

/**
 * True as soon as a regular container has run, and for good: what its init containers look
 * like afterwards does not count.
 */
function initializedVerdict(pod: Pod, { phase, init, statuses, previous }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  if (statuses.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined)) {
    return { status: 'True' }
  }
  // Of an init container ready means that it has succeeded; a sidecar has only to be started.
  const started = new Set(init.filter((status) => status.started).map(({ name }) => name))
  const ready = readyNames(init)
  const incomplete = initContainers(pod).filter((one) => !(isSidecar(one) ? started : ready).has(one.name))
  const wasTrue = previous?.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True')
  if (incomplete.length === 0 || wasTrue === true) return { status: 'True' }
  const names = incomplete.map(({ name }) => name).join(' ')
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  }
}

function readyNames(statuses: readonly ContainerStatus[]): ReadonlySet<string> {
  return new Set(statuses.filter((status) => status.ready).map(({ name }) => name))
}

function containersReadyVerdict(pod: Pod, { phase, init, statuses }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const ready = readyNames([...init, ...statuses])
  const counted = [...sidecars(pod), ...pod.spec.containers].map(({ name }) => name)
  const unready = counted.filter((name) => !ready.has(name))
  if (unready.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

/** Ready containers are not enough where the Pod has gates: conditions that others set (GeneratePodReadyCondition). */
function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady
  const closed = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => closedGate(pod, conditionType) ?? [])
  if (closed.length === 0) return containersReady
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: closed.join(', ') }
}

/** Why a gate is closed, by what the API server has of the Pod; `undefined` for one that is open. */
function closedGate({ status }: Pod, conditionType: string): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === conditionType)
  const gate = JSON.stringify(conditionType)
  if (condition === undefined) return `corresponding condition of pod readiness gate ${gate} does not exist.`
  if (condition.status === 'True') return undefined
  return `the status of pod readiness gate ${gate} is not "True", but ${condition.status}`
}

/** The time of the last flip: only a change of `status` moves it. */
function transitionTime(type: LastingCondition, status: Verdict['status'], facts: ConditionFacts): string {
  const before = facts.previous?.conditions?.find((condition) => condition.type === type)
  if (before?.status === status && before.lastTransitionTime !== undefined) return before.lastTransitionTime
  return rfc3339(facts.nowMs)
}
