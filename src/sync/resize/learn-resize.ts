import type { ObservedPod } from '../../model/observed.ts'
import { resizeSummary } from '../../model/resize.ts'
import { dueResizes } from '../../plan/resize/due-resizes.ts'
import { boundsOf } from '../../translate/resources/pod-bounds.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * Learns whether a Pod has what it was given, and tells when it has got it: it is being resized from the moment when it was
 * given something else (SyncPod of pkg/kubelet/kubelet.go), or when it is found not to have it.
 */
export function learnResize({ context, memory, pod, uid, emit }: SpecRun, observed: ObservedPod): void {
  const containers = context.resizes.get(uid)?.containers ?? new Map()
  const limits = context.cgroups.limitsOf(pod)
  const bounds = limits && boundsOf(limits)
  memory.resize = { ...memory.resize, containers, bounds, cpuPeriodUs: context.cpuPeriodUs }
  const due = dueResizes(pod, observed, memory)
  const isDue = due.containers.length > 0 || due.bounds !== undefined
  const nowMs = Date.now()
  if (isDue) {
    const generation = memory.standing.generation ?? pod.metadata.generation ?? 0
    memory.resizing ??= { generation, error: undefined, sinceMs: nowMs }
    return
  }
  if (memory.resizing === undefined || isComingAgain(memory, observed)) return
  emit({ kind: 'resize-completed', resources: resizeSummary(pod, memory.resizing.generation) })
  memory.resizing = undefined
  memory.resize = { ...memory.resize, retryAtMs: undefined }
}

/** A container that was ended in order to be started anew has nothing before its successor runs. */
function isComingAgain({ killedForRestart }: SpecRun['memory'], { containers }: ObservedPod): boolean {
  return containers.some(({ id }) => killedForRestart.has(id))
}
