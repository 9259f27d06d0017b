import type { KubeNode, Pod } from '../../model/kube.ts'
import { selectsNode } from '../../model/node-selector.ts'
import { predicateFailed, type Refusal } from './admission-facts.ts'

/**
 * A Pod runs on nodes with every label of its `nodeSelector`, and, if it has required terms of affinity, with one of them
 * (component-helpers/scheduling/corev1/nodeaffinity).
 */
export function nodeAffinityRefusal(pod: Pod, node: KubeNode): Refusal | undefined {
  const labels = node.metadata?.labels ?? {}
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const selected = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  if (selected && (required === undefined || selectsNode(required, node))) return undefined
  return predicateFailed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
}
