import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'
import type { PodHostname } from './hostname.ts'

export interface HostsFacts {
  readonly name: PodHostname
  readonly podIps: readonly string[]
  /** The node's own /etc/hosts, byte for byte; asked for only by hostNetwork Pods. */
  readonly nodeHosts: string
}

const podNetworkHeader = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
  '',
].join('\n')

const hostNetworkHeader = '# Kubernetes-managed hosts file (host network).\n'

/** The managed /etc/hosts of a Pod, byte for byte the kubelet's (pkg/kubelet/kubelet_pods.go, ensureHostsFile). */
export function hostsFile(pod: Pod, facts: HostsFacts): string {
  const start = usesHostNetwork(pod) ? hostNetworkHeader + facts.nodeHosts : podNetworkHeader + podLines(facts)
  return start + aliasLines(pod)
}

function podLines({ name, podIps }: HostsFacts): string {
  const names = name.domain === '' ? name.hostname : `${name.hostname}.${name.domain}\t${name.hostname}`
  return podIps.map((ip) => `${ip}\t${names}\n`).join('')
}

function aliasLines(pod: Pod): string {
  const aliases = pod.spec.hostAliases ?? []
  if (aliases.length === 0) return ''
  const lines = aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
  return `\n# Entries added by HostAliases.\n${lines.join('')}`
}
