import type { ContainerSpec, KubeNode, Pod, PodSpec } from '../../src/model/kube.ts'
import type { AdmissionFacts } from '../../src/plan/admission/admission-facts.ts'
import { holdersOf } from '../../src/plan/admission/holders.ts'
import { aContainer, aPod, type PodChange } from './pod.ts'

type Requests = Readonly<Record<string, string>>

/** A node of 4 CPUs, 8 GiB of memory and 10 Pods, with these changes. */
export function aNodeObject(change: Partial<KubeNode> = {}): KubeNode {
  return {
    metadata: { name: 'node-1' },
    status: { allocatable: { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi', pods: '10' } },
    ...change,
  }
}

/** An empty node without AppArmor, on which no unsafe sysctl is allowed. */
export function admissionFacts(change: Partial<AdmissionFacts> = {}): AdmissionFacts {
  return {
    node: aNodeObject(),
    own: aNodeObject(),
    others: holdersOf([]),
    isHere: false,
    pressures: [],
    isShuttingDown: false,
    unsafeSysctls: [],
    hasAppArmor: false,
    ...change,
  }
}

/** A container that asks for this much. */
export function asking(requests: Requests, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return aContainer({ resources: { requests }, ...change })
}

/** A Pod with one container that asks for this much. */
export function podAsking(requests: Requests, spec: Partial<PodSpec> = {}, change: PodChange = {}): Pod {
  return aPod({ ...change, spec: { containers: [asking(requests)], ...spec } })
}

/** A Pod of another UID and name. */
export function another(name: string, pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, name, uid: name } }
}
