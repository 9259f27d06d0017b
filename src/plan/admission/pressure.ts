import type { Pod } from '../../model/kube.ts'
import { isCritical } from '../../model/pod.ts'
import { qosClass } from '../../translate/qos-class.ts'
import type { AdmissionFacts, Refusal } from './admission-facts.ts'
import { tolerates } from './taints.ts'

/**
 * A node that is short of something takes critical Pods only; one that is short of memory alone takes all that say how much
 * they need, too, and those that tolerate it (Admit in
 * pkg/kubelet/eviction/eviction_manager.go). The space is the kubelet's.
 */
export function pressureRefusal(
  pod: Pod,
  { pressures, isHere }: Pick<AdmissionFacts, 'pressures' | 'isHere'>,
): Refusal | undefined {
  if (pressures.length === 0 || isHere || isCritical(pod)) return undefined
  if (pressures.every((pressure) => pressure === 'MemoryPressure')) {
    const { tolerations = [] } = pod.spec
    if (qosClass(pod) !== 'BestEffort') return undefined
    if (tolerations.some((toleration) => tolerates(toleration, memoryTaint))) return undefined
  }
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` }
}

const memoryTaint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }
