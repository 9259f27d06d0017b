import { isIP } from 'node:net'
import type { PodSpec } from '../../model/kube.ts'
import { subdomainFault, underscoredSubdomainFault } from '../../util/names.ts'
import { invalid, invalidIf, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

const badAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** As many, and as much, as a resolver reads. */
const maxServers = 3
const maxSearches = 32
const maxSearchLineLength = 2048

/** Name servers and hosts: `dnsPolicy`, `dnsConfig` and `hostAliases`. */
export function validateDns({ dnsPolicy, dnsConfig, hostAliases = [] }: PodSpec): readonly FieldFault[] {
  return [
    ...oneOf(['spec', 'dnsPolicy'], dnsPolicy, policies),
    ...validateDnsConfig(dnsConfig, dnsPolicy === 'None'),
    ...hostAliases.flatMap((alias, index) => validateAlias(alias, ['spec', 'hostAliases', index])),
  ]
}

/** Without a policy's servers and searches the Pod must say itself whom to ask. */
function validateDnsConfig(config: PodSpec['dnsConfig'], isAll: boolean): readonly FieldFault[] {
  const path: FieldPath = ['spec', 'dnsConfig']
  if (config === undefined) {
    return isAll ? [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  }
  const { nameservers = [], searches = [], options = [] } = config
  if (isAll && nameservers.length === 0) {
    const needsServer = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [required([...path, 'nameservers'], needsServer)]
  }
  return [
    ...(nameservers.length > maxServers
      ? [invalid([...path, 'nameservers'], nameservers, `must not have more than ${maxServers} nameservers`)]
      : []),
    ...nameservers.flatMap((address, index) => validateAddress(address, [...path, 'nameservers', index])),
    ...validateSearches(searches, [...path, 'searches']),
    ...options.flatMap(({ name }, index) => (name ? [] : [required([...path, 'options', index], 'must not be empty')])),
  ]
}

function validateSearches(searches: readonly string[], path: FieldPath): readonly FieldFault[] {
  const tooManyCharacters = `must not have more than ${maxSearchLineLength} characters (including spaces) in the search list`
  return [
    ...(searches.length > maxSearches
      ? [invalid(path, searches, `must not have more than ${maxSearches} search paths`)]
      : []),
    ...(searches.join(' ').length > maxSearchLineLength ? [invalid(path, searches, tooManyCharacters)] : []),
    ...searches.flatMap((search, index) => {
      const name = search.replace(/\.$/u, '')
      return search === '.' ? [] : invalidIf([...path, index], name, underscoredSubdomainFault(name))
    }),
  ]
}

function validateAlias(
  { ip, hostnames = [] }: NonNullable<PodSpec['hostAliases']>[number],
  path: FieldPath,
): readonly FieldFault[] {
  return [
    ...validateAddress(ip, [...path, 'ip']),
    ...hostnames.flatMap((name, index) => invalidIf([...path, 'hostnames', index], name, subdomainFault(name))),
  ]
}

function validateAddress(address: string, path: FieldPath): readonly FieldFault[] {
  return isIP(address) === 0 ? [invalid(path, address, badAddress)] : []
}
