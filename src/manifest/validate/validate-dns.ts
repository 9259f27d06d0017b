import { isIP } from 'node:net'
import type { PodSpec } from '../../model/kube.ts'
import { subdomainFault } from '../../util/names.ts'
import { invalid, invalidIf, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

const badAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** Name servers and hosts: `dnsPolicy`, `dnsConfig` and `hostAliases`. */
export function validateDns({ dnsPolicy, dnsConfig, hostAliases = [] }: PodSpec): readonly FieldFault[] {
  const { nameservers = [], options = [] } = dnsConfig ?? {}
  const path: FieldPath = ['spec', 'dnsConfig']
  const needsServer = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
  return [
    ...oneOf(['spec', 'dnsPolicy'], dnsPolicy, policies),
    ...(dnsPolicy === 'None' && dnsConfig === undefined
      ? [required(path, '`dnsConfig` must be provided when `dnsPolicy` is None')]
      : []),
    ...(dnsPolicy === 'None' && dnsConfig !== undefined && nameservers.length === 0
      ? [required([...path, 'nameservers'], needsServer)]
      : []),
    ...(nameservers.length > 3
      ? [invalid([...path, 'nameservers'], nameservers, 'must not have more than 3 nameservers')]
      : []),
    ...nameservers.flatMap((address, index) => validateAddress(address, [...path, 'nameservers', index])),
    ...options.flatMap(({ name }, index) => (name ? [] : [required([...path, 'options', index], 'must not be empty')])),
    ...hostAliases.flatMap((alias, index) => validateAlias(alias, ['spec', 'hostAliases', index])),
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
