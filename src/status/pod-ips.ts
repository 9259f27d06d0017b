import { isIPv6 } from 'node:net'
import type { Pod, PodStatus } from '../model/kube.ts'
import { runningSandbox, type ObservedPod } from '../model/observed.ts'
import { usesHostNetwork } from '../model/pod.ts'

interface IpFacts {
  /** The node's addresses, primary first. */
  readonly nodeIps: readonly string[]
  readonly previous: PodStatus | undefined
}

export function hostIps(nodeIps: readonly string[]): Pick<PodStatus, 'hostIP' | 'hostIPs'> {
  const ips = oneOfEachFamily(nodeIps, nodeIps)
  return ips[0] === undefined ? {} : { hostIP: ips[0], hostIPs: ips.map((ip) => ({ ip })) }
}

/**
 * The sandbox's addresses, of the node's own family first; kept when the sandbox is gone. On the host's network the node's,
 * from the beginning (sortPodIPs and generateAPIPodStatus in pkg/kubelet/kubelet_pods.go).
 */
export function podIps(pod: Pod, observed: ObservedPod, { nodeIps, previous }: IpFacts): readonly string[] {
  const ips = usesHostNetwork(pod) ? nodeIps : (runningSandbox(observed)?.ips ?? [])
  return ips.length > 0 ? oneOfEachFamily(ips, nodeIps) : (previous?.podIPs ?? []).map(({ ip }) => ip)
}

/** The API takes two addresses at most, one of each family. */
function oneOfEachFamily(ips: readonly string[], nodeIps: readonly string[]): readonly string[] {
  const isPrimary = (ip: string): boolean => isIPv6(ip) === isIPv6(nodeIps[0] ?? '')
  return [ips.find(isPrimary), ips.find((ip) => !isPrimary(ip))].filter((ip) => ip !== undefined)
}
