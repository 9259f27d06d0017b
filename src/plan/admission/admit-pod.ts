import type { Pod } from '../../model/kube.ts'
import { asksForMore } from '../../translate/resources/pod-amounts.ts'
import { isCritical } from '../../model/pod.ts'
import { predicateFailed, type AdmissionFacts, type Refusal } from './admission-facts.ts'
import { hostPortsRefusal } from './host-ports.ts'
import { nodeAffinityRefusal } from './node-affinity.ts'
import {
  appArmorRefusal,
  declaredFeaturesRefusal,
  operatingSystemRefusal,
  supplementalGroupsRefusal,
} from './platform.ts'
import { choosePreemption } from './preemption.ts'
import { pressureRefusal } from './pressure.ts'
import { shortageRefusal, shortages, type Shortage } from './resource-fit.ts'
import { sysctlRefusal } from './sysctls.ts'
import { taintRefusal } from './taints.ts'

export type Admission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'rejected'
      readonly refusal: Refusal
      /** What the Node says has led to it: a newer version of the Node may say otherwise. */
      readonly isNodes: boolean
    }
  /** These have to go first. */
  | { readonly kind: 'preempts'; readonly victims: readonly Pod[]; /** The resource. */ readonly lacking: string }

/**
 * Whether a Pod that was bound to this node may run on it: asked once, and again when it asks for something else, by the
 * kubelet's handlers in their order (pkg/kubelet/kubelet.go, lifecycle/predicate.go). A critical Pod is not turned away
 * for want of room: others make it.
 */
export function admitPod(pod: Pod, facts: AdmissionFacts): Admission {
  const { own, hasAppArmor, unsafeSysctls } = facts
  const kernelVersion = own.status?.nodeInfo?.kernelVersion ?? ''
  const early =
    pressureRefusal(pod, facts) ??
    sysctlRefusal(pod, { unsafeSysctls, kernelVersion }) ??
    operatingSystemRefusal(pod) ??
    supplementalGroupsRefusal(pod, own)
  if (early !== undefined) return { kind: 'rejected', refusal: early, isNodes: false }
  const { given } = facts
  const lacks = facts.isHere
    ? []
    : shortages(pod, facts).filter(({ resource }) => given === undefined || asksForMore(pod, given, [resource]))
  const makesRoom = isCritical(pod)
  const [shortage] = makesRoom ? [] : lacks
  const refusal = shortage === undefined ? placeRefusal(pod, facts) : shortageRefusal(shortage)
  if (refusal !== undefined) return { kind: 'rejected', refusal, isNodes: !ownReasons.has(refusal.reason) }
  const late =
    appArmorRefusal(pod, hasAppArmor) ??
    declaredFeaturesRefusal(pod, own) ??
    (facts.isShuttingDown ? shutdownRefusal : undefined)
  if (late !== undefined) return { kind: 'rejected', refusal: late, isNodes: false }
  return lacks.length === 0 ? { kind: 'admitted' } : preempt(pod, facts.others.pods(), lacks)
}

/** Admit in pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go. */
const shutdownRefusal: Refusal = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }

/** Refusals that no other version of the Node would change. */
const ownReasons: ReadonlySet<string> = new Set(['NodeName', 'NodePorts'])

/** Whether it belongs on this node at all, and is not in another's way. */
function placeRefusal(pod: Pod, { node, others, isHere }: AdmissionFacts): Refusal | undefined {
  return (
    nodeAffinityRefusal(pod, node) ??
    nodeNameRefusal(pod, node.metadata?.name) ??
    (isHere ? undefined : hostPortsRefusal(pod, others)) ??
    taintRefusal(pod, node)
  )
}

function nodeNameRefusal({ spec }: Pod, name: string | undefined): Refusal | undefined {
  if (!spec.nodeName || spec.nodeName === name) return undefined
  return predicateFailed('NodeName', "node(s) didn't match the requested node name")
}

function preempt(pod: Pod, others: readonly Pod[], lacks: readonly Shortage[]): Admission {
  const preemption = choosePreemption(pod, others, lacks)
  if (preemption.kind === 'victims') {
    return { kind: 'preempts', victims: preemption.victims, lacking: lacks[0]?.resource ?? '' }
  }
  const fault = `preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: ${preemption.missing}`
  const message = `Unexpected error while attempting to recover from admission failure: ${fault}`
  return { kind: 'rejected', refusal: { reason: 'UnexpectedAdmissionError', message }, isNodes: true }
}
