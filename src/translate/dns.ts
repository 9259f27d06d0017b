import { isIPv6 } from 'node:net'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'
import { maxSearchLength, maxSearches, maxSearchLineLength, type ResolvConf } from './resolv-conf.ts'

export interface DnsFacts {
  /** The node's resolver configuration; `undefined` where `--resolv-conf` is empty, and Pods are to have none of it. */
  readonly host: ResolvConf | undefined
  /** The node's addresses. */
  readonly nodeIps: readonly string[]
  /** `--cluster-dns` and `--cluster-domain`. */
  readonly clusterServers: readonly string[]
  readonly clusterDomain: string
}

/** What a Pod's resolver configuration lacks of what was asked for. */
export type DnsFault =
  /** The agent knows no name server of the cluster: the host's take its place. */
  | { readonly kind: 'no-cluster-servers' }
  /** More than a resolver reads: these are what is left. */
  | { readonly kind: 'cut'; readonly line: 'nameserver' | 'search'; readonly applied: readonly string[] }

export interface PodDns {
  readonly conf: ResolvConf
  readonly faults: readonly DnsFault[]
}

/** pkg/apis/core/validation: MaxDNSNameservers. */
const maxServers = 3

/** The resolver configuration of a Pod by `dnsPolicy` and `dnsConfig` (GetPodDNS in pkg/kubelet/network/dns/dns.go). */
export function podDns(pod: Pod, facts: DnsFacts): PodDns {
  const wantsCluster = policyOf(pod) === 'cluster'
  const wanted = withOwn(pod, policyConf(pod, facts))
  const servers = wanted.servers.slice(0, maxServers)
  const searches = fittingSearches(wanted.searches)
  return {
    conf: { servers, searches, options: wanted.options },
    faults: [
      ...(wantsCluster && facts.clusterServers.length === 0 ? [{ kind: 'no-cluster-servers' } as const] : []),
      ...cut('nameserver', wanted.servers, servers),
      ...cut('search', wanted.searches, searches),
    ],
  }
}

function cut(
  line: 'nameserver' | 'search',
  wanted: readonly string[],
  applied: readonly string[],
): readonly DnsFault[] {
  return applied.length < wanted.length ? [{ kind: 'cut', line, applied }] : []
}

/** Whose servers a Pod asks. A policy that nobody knows is taken for the default one. */
function policyOf(pod: Pod): 'cluster' | 'host' | 'none' {
  switch (pod.spec.dnsPolicy) {
    case 'None':
      return 'none'
    case 'Default':
      return 'host'
    case 'ClusterFirst':
      return usesHostNetwork(pod) ? 'host' : 'cluster'
    default:
      return 'cluster'
  }
}

function policyConf(pod: Pod, facts: DnsFacts): ResolvConf {
  const { host, clusterServers, clusterDomain } = facts
  const policy = policyOf(pod)
  if (policy === 'none') return { servers: [], searches: [], options: [] }
  if (policy === 'host' || clusterServers.length === 0) return host ?? noResolver(facts.nodeIps)
  const hostSearches = host?.searches ?? []
  const clusterSearches = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  return {
    servers: clusterServers,
    searches: clusterDomain === '' ? hostSearches : unique([...clusterSearches, ...hostSearches]),
    options: ['ndots:5'],
  }
}

/** Asks the node itself, where nothing answers, and searches the root only: without it Docker would put in the host's. */
function noResolver(nodeIps: readonly string[]): ResolvConf {
  const servers = nodeIps.map((ip) => (isIPv6(ip) ? '::1' : '127.0.0.1'))
  return { servers: servers.length === 0 ? ['127.0.0.1'] : servers, searches: ['.'], options: [] }
}

/** What the Pod says itself comes behind; of options it is the last word on those that it names. */
function withOwn({ spec: { dnsConfig } }: Pod, conf: ResolvConf): ResolvConf {
  if (dnsConfig === undefined) return conf
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  const own = options.map(({ name = '', value }) => (value ? `${name}:${value}` : name))
  const byName = new Map([...conf.options, ...own].map((option) => [option.split(':', 1)[0], option]))
  return {
    servers: unique([...conf.servers, ...nameservers]),
    searches: unique([...conf.searches, ...searches]),
    options: [...byName.values()],
  }
}

/** What is left of a search list within the limits, in the kubelet's order of applying them (formDNSSearchFitsLimits). */
function fittingSearches(searches: readonly string[]): readonly string[] {
  const fitting = searches.slice(0, maxSearches).filter((search) => search.length <= maxSearchLength)
  while (fitting.join(' ').length > maxSearchLineLength) fitting.pop()
  return fitting
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
