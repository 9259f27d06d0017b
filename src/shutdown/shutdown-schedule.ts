/** Who ends when, and within what time, when the machine shuts down (pkg/kubelet/nodeshutdown/nodeshutdown_manager.go). */
import type { Pod } from '../model/kube.ts'
import { criticalPriority, stopGraceSeconds } from '../model/pod.ts'
import type { ShutDownPod } from '../model/pod-verdict.ts'

/** Pods of this priority and up to that of the next period have so many seconds, after those of the periods before it. */
export interface ShutdownPeriod {
  readonly priority: number
  readonly seconds: number
}

export interface ShutdownGroup extends ShutdownPeriod {
  readonly pods: readonly Pod[]
}

export interface ShutdownTimes {
  readonly graceMs: number
  readonly criticalGraceMs: number
  readonly periods: readonly ShutdownPeriod[]
}

const message = 'Pod was terminated in response to imminent node shutdown.'

/** What becomes of every Pod that runs when the machine shuts down. */
export const shutDown: ShutDownPod = { kind: 'shut-down', reason: 'Terminated', message }

/** The periods in their order, lowest priority first; none where there is no graceful shutdown. In whole seconds. */
export function shutdownPeriods({ graceMs, criticalGraceMs, periods }: ShutdownTimes): readonly ShutdownPeriod[] {
  if (periods.length > 0) return periods.toSorted((a, b) => a.priority - b.priority)
  if (graceMs === 0) return []
  return [
    { priority: 0, seconds: Math.trunc((graceMs - criticalGraceMs) / 1000) },
    { priority: criticalPriority, seconds: Math.trunc(criticalGraceMs / 1000) },
  ]
}

/** How long the whole of it may take. */
export function shutdownSeconds(periods: readonly ShutdownPeriod[]): number {
  return periods.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** The Pods of each period that has any. Those below the lowest priority belong to the first. */
export function shutdownGroups(periods: readonly ShutdownPeriod[], pods: readonly Pod[]): readonly ShutdownGroup[] {
  const groups = periods.map((period) => ({ ...period, pods: new Array<Pod>() }))
  for (const pod of pods) {
    const priority = pod.spec.priority ?? 0
    const group = groups.findLast((candidate) => candidate.priority <= priority) ?? groups[0]
    group?.pods.push(pod)
  }
  return groups.filter((group) => group.pods.length > 0)
}

/** Seconds that a Pod of a group has: its own grace, if that is less than the group's. */
export function shutdownGraceSeconds(pod: Pod, { seconds }: ShutdownPeriod): number {
  return Math.min(stopGraceSeconds(pod), seconds)
}
