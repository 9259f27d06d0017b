import { KubeletError } from '../model/errors.ts'

/** What a resolver reads: the three kinds of line of a resolv.conf. */
export interface ResolvConf {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

/** As much as a resolver reads (pkg/apis/core/validation: MaxDNSSearchPaths, MaxDNSSearchListChars). */
export const maxSearches = 32
export const maxSearchLineLength = 2048
/** The longest DNS name: some resolvers abort on a longer search path. */
export const maxSearchLength = 253

/**
 * Reads the host's resolv.conf as the kubelet does (parseResolvConf in pkg/kubelet/network/dns/dns.go): the last `search`
 * line counts, of options of one name the last; a comment is a line that begins with `#`, and no other. Throws `invalid`
 * for a `nameserver` line that names none.
 */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = []
  let searches: readonly string[] = []
  const options = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.split(/\s+/u).filter(Boolean)
    if (keyword === 'nameserver') {
      if (values[0] === undefined) {
        throw new KubeletError(
          'invalid',
          'Encountered error while parsing resolv conf file. Error: nameserver list is empty ',
        )
      }
      servers.push(values[0])
    }
    if (keyword === 'search') {
      searches = values.filter((value) => value !== '.').map((value) => value.replace(/\.$/u, ''))
    }
    if (keyword === 'options') for (const option of values) options.set(option.split(':', 1)[0] ?? '', option)
  }
  return { servers, searches, options: [...options.values()] }
}

/** The text of a resolv.conf, as dockershim and cri-dockerd write it; `undefined` where there is nothing to say. */
export function resolvConfText({ servers, searches, options }: ResolvConf): string | undefined {
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n`
}

/** What of the host's searches cannot reach its Pods, whose own come before them (CheckLimitsForResolvConf). */
export function searchesFault({ searches }: ResolvConf, path: string, clusterDomain: string): string | undefined {
  const mostDomains = clusterDomain === '' ? maxSearches : maxSearches - 3
  if (searches.length > mostDomains) {
    return `Resolv.conf file '${path}' contains search line consisting of more than ${mostDomains} domains!`
  }
  if (searches.some((search) => search.length > maxSearchLength)) {
    return `Resolv.conf file "${path}" contains a search path which length is more than allowed ${maxSearchLength} chars!`
  }
  return searches.join(' ').length > maxSearchLineLength
    ? `Resolv.conf file '${path}' contains search line which length is more than allowed ${maxSearchLineLength} chars!`
    : undefined
}
