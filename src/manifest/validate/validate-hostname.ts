import type { PodSpec } from '../../model/kube.ts'
import { labelFault, subdomainFault } from '../../util/names.ts'
import { forbidden, invalidIf, tooLong, type FieldFault, type FieldPath } from '../field-fault.ts'

/** What Linux takes as a hostname. */
const maxLength = 64

/** What a Pod calls itself: `hostname`, `subdomain` and `hostnameOverride`. */
export function validateHostname(spec: PodSpec): readonly FieldFault[] {
  const { hostname, subdomain } = spec
  return [
    ...validateOverride(spec),
    ...(hostname ? invalidIf(['spec', 'hostname'], hostname, labelFault(hostname)) : []),
    ...(subdomain ? invalidIf(['spec', 'subdomain'], subdomain, labelFault(subdomain)) : []),
  ]
}

/** It is for Pods with a hostname of their own, and does without a domain. */
function validateOverride({ hostnameOverride, setHostnameAsFQDN, hostNetwork }: PodSpec): readonly FieldFault[] {
  if (hostnameOverride === undefined) return []
  const path: FieldPath = ['spec', 'hostnameOverride']
  return [
    ...(setHostnameAsFQDN === true ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork === true ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(hostnameOverride.length > maxLength ? [tooLong(path, maxLength)] : []),
    ...invalidIf(path, hostnameOverride, subdomainFault(hostnameOverride)),
  ]
}
