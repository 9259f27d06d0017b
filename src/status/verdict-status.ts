import type { Pod, PodCondition, PodStatus } from '../model/kube.ts'
import { isTerminalStatus } from '../model/pod.ts'
import type { PodVerdict, RejectedPod } from '../model/pod-verdict.ts'
import { qosClass } from '../translate/qos-class.ts'
import type { Phase } from './phase.ts'
import { rfc3339 } from './rfc3339.ts'

interface Before {
  readonly previous: PodStatus | undefined
  readonly nowMs: number
}

/**
 * All that is said of a Pod that was not let in (rejectPod in pkg/kubelet/kubelet.go): why, and when. Nothing of
 * containers, which it never had, nor of conditions, the scheduler's among them.
 */
export function rejectedStatus(pod: Pod, { reason, message }: RejectedPod, { previous, nowMs }: Before): PodStatus {
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

/** How far the end of a Pod has come by the node's verdict. */
export interface VerdictEnd {
  readonly phase: Phase
  /** The phase that its conditions go by. */
  readonly coming: Phase
  /** Reason and message, where they are the verdict's. */
  readonly why: Pick<PodStatus, 'reason' | 'message'> | undefined
}

/** What the node's verdict makes of the phase that the containers say. */
export function verdictEnd(
  verdict: PodVerdict | undefined,
  computed: Phase,
  { previous, podIsOver }: { readonly previous: PodStatus | undefined; readonly podIsOver: boolean },
): VerdictEnd | undefined {
  if (verdict === undefined) return undefined
  const { kind, reason, message } = verdict
  if (!podIsOver) {
    const phase = heldBackPhase(previous)
    return { phase, coming: kind === 'expired' ? 'Failed' : phase, why: undefined }
  }
  if (kind === 'disrupted' && computed === 'Succeeded') return { phase: computed, coming: computed, why: undefined }
  const phase = kind === 'shut-down' && computed === 'Succeeded' ? computed : 'Failed'
  return { phase, coming: phase, why: { reason, message } }
}

/**
 * The phase of a Pod that has ended, or is to, while anything of it may still run: as it was. A controller that saw it
 * Failed would put another in its place beside it (mergePodStatus in pkg/kubelet/status/status_manager.go).
 */
export function heldBackPhase(previous: PodStatus | undefined): Phase {
  return previous?.phase === 'Running' ? 'Running' : 'Pending'
}

/**
 * The condition that tells controllers that the Pod's end is not its own fault: told with its last phase, and not of a Pod
 * that had ended before.
 */
export function disruption(
  pod: Pod,
  {
    verdict,
    previous,
    podIsOver,
    nowMs,
  }: Before & { readonly verdict?: PodVerdict | undefined; readonly podIsOver: boolean },
): readonly PodCondition[] {
  const message = verdict === undefined ? undefined : disruptionMessage(verdict)
  if (message === undefined || !podIsOver) return []
  const told = previous?.conditions?.find(({ type, reason }) => type === 'DisruptionTarget' && reason === byKubelet)
  if (told !== undefined) return [told]
  if (isTerminalStatus(previous)) return []
  const { generation } = pod.metadata
  return [
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: byKubelet,
      message,
      lastTransitionTime: rfc3339(nowMs),
      ...(generation ? { observedGeneration: generation } : {}),
    },
  ]
}

/** `undefined` where the end is the Pod's own fault. */
function disruptionMessage(verdict: PodVerdict): string | undefined {
  switch (verdict.kind) {
    case 'disrupted':
      return verdict.condition
    case 'shut-down':
      return verdict.message
    case 'expired':
    case 'rejected':
      return undefined
    default:
      return verdict satisfies never
  }
}

const byKubelet = 'TerminationByKubelet'
