/** What Pods ask of their workers, by what they are. */
import type { Pod } from '../../model/kube.ts'
import type { ObservedPod } from '../../model/observed.ts'
import {
  configSourceAnnotation,
  hasTerminalPhase,
  isStaticPod,
  isTerminating,
  minimumGraceSeconds,
  type PodRef,
} from '../../model/pod.ts'
import { podGraceSeconds, type PodWork } from '../../model/pod-work.ts'

/** Where a Pod is from is the agent's to say: users may write the kubelet's annotation on a Pod in the API server. */
export function notStatic(pod: Pod): Pod {
  if (!isStaticPod(pod)) return pod
  const annotations = { ...pod.metadata.annotations, [configSourceAnnotation]: 'api' }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}

/** What a Pod's object asks of its worker. */
export function workFor(pod: Pod): PodWork {
  if (isTerminating(pod))
    return { phase: 'terminating', pod, graceSeconds: podGraceSeconds(pod), remove: true, evict: false }
  if (hasTerminalPhase(pod) && !isStaticPod(pod)) {
    return { phase: 'terminating', pod, graceSeconds: podGraceSeconds(pod), remove: false, evict: false }
  }
  return { phase: 'sync', pod }
}

/** What is left of a Pod that nobody wants gets the least grace, and goes. */
export const endOfOrphan: PodWork = {
  phase: 'terminating',
  pod: undefined,
  graceSeconds: minimumGraceSeconds,
  remove: true,
  evict: false,
}

/** Whether Docker holds anything of a Pod. */
export function isAnything({ sandboxes, containers }: ObservedPod): boolean {
  return sandboxes.length + containers.length > 0
}

/** An orphan is named by its labels in Docker; of one that left only a directory there is just the UID. */
export function orphanRef(observed: ObservedPod): PodRef {
  const owner = (observed.sandboxes[0] ?? observed.containers[0])?.owner
  return { uid: observed.uid, name: owner?.podName ?? '', namespace: owner?.podNamespace ?? '' }
}
