import type { Pod, PodStatus } from '../model/kube.ts'
import type { ExpiredPod } from '../model/pod-verdict.ts'

/** What becomes of a Pod whose time on the node is up (pkg/kubelet/active_deadline.go). */
export const deadlineExceeded: ExpiredPod = {
  kind: 'expired',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
}

/**
 * When the time of a Pod is up, in epoch milliseconds: `activeDeadlineSeconds` counted from the start that its status
 * tells, so that a restart of the agent gives it no more. `undefined` for never, and while nothing has been told.
 */
export function deadlineMs(pod: Pod, status: PodStatus | undefined): number | undefined {
  const { activeDeadlineSeconds } = pod.spec
  const startedAtMs = Date.parse(status?.startTime ?? '')
  if (activeDeadlineSeconds === undefined || Number.isNaN(startedAtMs)) return undefined
  return startedAtMs + activeDeadlineSeconds * 1000
}
