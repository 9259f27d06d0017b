import type { Pod, PodDraft } from '../model/kube.ts'
import { configMirrorAnnotation } from '../model/pod.ts'

/** The Node that a mirror Pod belongs to; the API server refuses it with any other UID. */
export interface MirrorOwner {
  readonly name: string
  readonly uid: string
}

/**
 * What the API server is to show for a static Pod (CreateMirrorPod in pkg/kubelet/pod/mirror_client.go): the Pod itself,
 * marked with the hash of its manifest and owned by the Node. Its UID is the server's to give.
 */
export function mirrorPod(staticPod: Pod, owner: MirrorOwner): PodDraft {
  const { uid, annotations, ...metadata } = staticPod.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      annotations: { ...annotations, [configMirrorAnnotation]: uid },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: owner.name, uid: owner.uid, controller: true }],
    },
    spec: staticPod.spec,
  }
}
