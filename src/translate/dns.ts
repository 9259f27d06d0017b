import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'

/** What a resolver reads: the three kinds of line of a resolv.conf. */
export interface DnsConfig {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export interface DnsFacts {
  /** The node's resolver configuration, from `--resolv-conf`. */
  readonly host: DnsConfig
  /** `--cluster-dns` and `--cluster-domain`. */
  readonly clusterServers: readonly string[]
  readonly clusterDomain: string
}

/** As much as a resolver reads (pkg/apis/core/validation: MaxDNSNameservers, MaxDNSSearchPaths, MaxDNSSearchListChars). */
const maxServers = 3
const maxSearches = 32
const maxSearchLineLength = 2048
/** The longest DNS name: some resolvers abort on a longer search path. */
const maxSearchLength = 253

/** The resolver configuration of a Pod by `dnsPolicy` and `dnsConfig` (pkg/kubelet/network/dns/dns.go). */
export function podDns(pod: Pod, facts: DnsFacts): DnsConfig {
  const base = policyDns(pod, facts)
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {}
  return {
    servers: unique([...base.servers, ...nameservers]).slice(0, maxServers),
    searches: fittingSearches(unique([...base.searches, ...searches])),
    options: mergeOptions(
      base.options,
      options.map(({ name, value }) => (value ? `${name ?? ''}:${value}` : (name ?? ''))),
    ),
  }
}

function policyDns(pod: Pod, facts: DnsFacts): DnsConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const wantsCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !usesHostNetwork(pod))
  if (!wantsCluster || facts.clusterServers.length === 0) return facts.host
  const { clusterDomain } = facts
  const clusterSearches =
    clusterDomain === ''
      ? []
      : [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  return {
    servers: facts.clusterServers,
    searches: [...clusterSearches, ...facts.host.searches],
    options: ['ndots:5'],
  }
}

/** What is left of a search list within the limits, in the kubelet's order of applying them (formDNSSearchFitsLimits). */
function fittingSearches(searches: readonly string[]): readonly string[] {
  const fitting = searches.slice(0, maxSearches).filter((search) => search.length <= maxSearchLength)
  while (fitting.join(' ').length > maxSearchLineLength) fitting.pop()
  return fitting
}

/** Options of the Pod replace those of the same name (`ndots:2` replaces `ndots:5`). */
function mergeOptions(base: readonly string[], own: readonly string[]): readonly string[] {
  const byName = new Map([...base, ...own].map((option) => [option.split(':', 1)[0], option]))
  return [...byName.values()]
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}

/** Reads a resolv.conf; the last `search` line counts, as for the resolver. Lines that say nothing are passed over. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = []
  let searches: readonly string[] = []
  const options: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .split(/\s+/)
      .filter(Boolean)
    if (keyword === 'nameserver' && values[0] !== undefined) servers.push(values[0])
    if (keyword === 'search') searches = values.map((value) => value.replace(/\.$/, '')).filter(Boolean)
    if (keyword === 'options') options.push(...values)
  }
  return { servers, searches, options }
}
