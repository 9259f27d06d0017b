import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { sidecars } from '../../model/pod.ts'
import type { Holders } from './holders.ts'
import { predicateFailed, type Refusal } from './admission-facts.ts'

type Port = NonNullable<ContainerSpec['ports']>[number]

/**
 * Two Pods may not have the same port of the node, for the same protocol and at the same address, or where either wants
 * it at every address (pkg/scheduler/framework/plugins/nodeports).
 */
export function hostPortsRefusal(pod: Pod, others: Pick<Holders, 'pods'>): Refusal | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const taken = others.pods().flatMap(hostPorts)
  if (!wanted.some((port) => taken.some((other) => collide(port, other)))) return undefined
  return predicateFailed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
}

/** Those of containers that run for as long as the Pod does. */
function hostPorts(pod: Pod): readonly Port[] {
  return [...sidecars(pod), ...pod.spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
}

function collide(one: Port, other: Port): boolean {
  if (one.hostPort !== other.hostPort || (one.protocol || 'TCP') !== (other.protocol || 'TCP')) return false
  const addresses = [one.hostIP || everywhere, other.hostIP || everywhere]
  return addresses[0] === addresses[1] || addresses.includes(everywhere)
}

const everywhere = '0.0.0.0'
