import type { Pod, PodCondition, PodStatus } from '../model/kube.ts'
import type { PodVerdict } from '../model/pod-verdict.ts'
import type { Phase } from './phase.ts'
import { qosClass } from './qos-class.ts'
import { rfc3339 } from './rfc3339.ts'

interface Before {
  readonly previous: PodStatus | undefined
  readonly nowMs: number
}

/**
 * All that is said of a Pod that was not let in (rejectPod in pkg/kubelet/kubelet.go): why, and when. Nothing of
 * containers, which it never had, nor of conditions, the scheduler's among them.
 */
export function rejectedStatus(
  pod: Pod,
  { reason, message }: Extract<PodVerdict, { kind: 'rejected' }>,
  { previous, nowMs }: Before,
): PodStatus {
  const { generation } = pod.metadata
  return {
    ...(generation ? { observedGeneration: generation } : {}),
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: previous?.startTime ?? rfc3339(nowMs),
    qosClass: previous?.qosClass ?? qosClass(pod),
  }
}

/**
 * The phase of a Pod that the node is ending, while anything of it may still run: as it was. A controller that saw it
 * Failed would put another in its place beside what still runs (mergePodStatus in pkg/kubelet/status/status_manager.go).
 */
export function heldBackPhase(previous: PodStatus | undefined): Phase {
  return previous?.phase === 'Running' ? 'Running' : 'Pending'
}

/** The condition that tells controllers that the Pod's end is not its own fault. */
export function disruptionCondition(pod: Pod, message: string, { previous, nowMs }: Before): PodCondition {
  const before = previous?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  const { generation } = pod.metadata
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
    lastTransitionTime: (before?.status === 'True' ? before.lastTransitionTime : undefined) ?? rfc3339(nowMs),
    ...(generation ? { observedGeneration: generation } : {}),
  }
}
