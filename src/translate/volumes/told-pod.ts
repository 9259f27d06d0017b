import type { Pod } from '../../model/kube.ts'
import { configSeenAnnotation, configSourceAnnotation, isStaticPod } from '../../model/pod.ts'
import { rfc3339Nano } from '../../util/rfc3339-nano.ts'

/**
 * A Pod as files in its volumes tell of it: with the annotations that the kubelet keeps on every Pod (pkg/kubelet/config).
 * Those of a static Pod are on it.
 */
export function toldPod(pod: Pod, seenAtMs: number): Pod {
  if (isStaticPod(pod)) return pod
  const annotations = {
    ...pod.metadata.annotations,
    [configSeenAnnotation]: rfc3339Nano(seenAtMs),
    [configSourceAnnotation]: 'api',
  }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}
