import type { KubeNode, Pod } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import { predicateFailed, type Refusal } from './admission-facts.ts'

type Taint = NonNullable<NonNullable<KubeNode['spec']>['taints']>[number]
type Toleration = NonNullable<Pod['spec']['tolerations']>[number]

/**
 * A Pod has to tolerate every taint of effect NoExecute; what else there is concerns the
 * scheduler. Static Pods are let be.
 */
export function taintRefusal(pod: Pod, node: KubeNode): Refusal | undefined {
  if (isStaticPod(pod)) return undefined
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  const tolerations = pod.spec.tolerations ?? []
  if (taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)))) return undefined
  return predicateFailed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
}

/** An empty effect or key stands for any (ToleratesTaint in k8s.io/api/core/v1/toleration.go). */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  switch (operator || 'Equal') {
    case 'Exists':
      return true
    case 'Equal':
      return (value ?? '') === (taint.value ?? '')
    default:
      return false
  }
}
