import type { KubeNode, PodDraft } from '../../src/model/kube.ts'
import { configMirrorAnnotation } from '../../src/model/pod.ts'

/** Why a node may not create this Pod, in the words of the admission plugin NodeRestriction; `undefined` if it may. */
export function creationRefusal({ metadata }: PodDraft, node: KubeNode | undefined): string | undefined {
  if (metadata.annotations?.[configMirrorAnnotation] === undefined) {
    return `pod does not have "${configMirrorAnnotation}" annotation, node can only create mirror pods`
  }
  const [owner, ...others] = metadata.ownerReferences ?? []
  const isOurs = owner?.kind === 'Node' && owner.controller === true && owner.uid === node?.metadata?.uid
  return isOurs && others.length === 0 ? undefined : 'pod must have an owner reference set to the node'
}
