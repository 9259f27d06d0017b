import type { PodCondition } from '../model/kube.ts'
import { resizeInProgress, resizePending, type PendingResize, type ResizeProgress } from '../model/resize.ts'
import { rfc3339 } from './rfc3339.ts'

export interface ResizeConditionFacts {
  readonly pending: PendingResize | undefined
  readonly progress: ResizeProgress | undefined
  readonly nowMs: number
}

/**
 * What a Pod's status says of a resize (updatedPodResizeCondition in pkg/kubelet/status): each as long as it goes on, with
 * the generation that it is about, not the newest.
 */
export function resizeConditions({ pending, progress, nowMs }: ResizeConditionFacts): readonly PodCondition[] {
  return [
    ...(pending === undefined
      ? []
      : [
          {
            ...condition(resizePending, pending, pending.atMs),
            reason: 'Deferred',
            message: pending.message,
          },
        ]),
    ...(progress === undefined
      ? []
      : [
          {
            ...condition(resizeInProgress, progress, nowMs),
            ...(progress.error === undefined ? {} : { reason: 'Error', message: progress.error }),
          },
        ]),
  ]
}

function condition(
  type: string,
  { generation, sinceMs }: Pick<PendingResize, 'generation' | 'sinceMs'>,
  probedAtMs: number,
): PodCondition {
  return {
    type,
    status: 'True',
    lastProbeTime: rfc3339(probedAtMs),
    lastTransitionTime: rfc3339(sinceMs),
    ...(generation === 0 ? {} : { observedGeneration: generation }),
  }
}
