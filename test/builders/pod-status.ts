import type { Pod, PodStatus } from '../../src/model/kube.ts'
import type { ObservedPod } from '../../src/model/observed.ts'
import { podStatus, type StatusFacts } from '../../src/status/pod-status.ts'
import { statusFacts } from './facts.ts'
import { anObservedContainer, anObservedPod, exited } from './observed.ts'
import { aContainerStatus, aPod } from './pod.ts'

/** The status of the default Pod, that runs. */
export const runningStatus: PodStatus = {
  phase: 'Running',
  conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2026-11-21T10:00:00Z',
  })),
  hostIP: '192.0.2.10',
  hostIPs: [{ ip: '192.0.2.10' }],
  podIP: '10.1.0.5',
  podIPs: [{ ip: '10.1.0.5' }],
  startTime: '2026-11-21T09:58:59Z',
  qosClass: 'BestEffort',
  resources: {},
  containerStatuses: [aContainerStatus()],
}

/** The status of a Pod by what Docker has of it. */
export function statusOf(
  pod: Pod = aPod(),
  observed: ObservedPod = anObservedPod(),
  change: Partial<StatusFacts> = {},
): PodStatus {
  return podStatus(pod, observed, statusFacts(change))
}

/** Docker's record of the default Pod, its container having ended so. */
export function ended(exitCode: number): ObservedPod {
  return anObservedPod({ containers: [anObservedContainer({ state: exited({ exitCode }) })] })
}
