import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { labelFault, subdomainFault } from '../util/names.ts'

/**
 * What Linux takes as a hostname, with and without the zero at its end: the kubelet cuts at the
 * one, and refuses by the other.
 */
const maxHostnameLength = 63
const maxNodenameLength = 64

export interface PodHostname {
  readonly hostname: string
  /** `<subdomain>.<namespace>.svc.<cluster domain>`, empty without a subdomain. */
  readonly domain: string
}

/**
 * The names of a Pod inside its network (GeneratePodHostNameAndDomain in pkg/kubelet/kubelet_pods.go): `hostnameOverride`,
 * which knows no domain, else `spec.hostname`, else the Pod's name; cut to 63 characters. Throws `invalid` when one of
 * them is no DNS name.
 */
export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { hostname, hostnameOverride, subdomain } = pod.spec
  if (hostnameOverride !== undefined) {
    const fault = subdomainFault(hostnameOverride)
    if (fault !== undefined) {
      throw notValid(`pod HostnameOverride "${hostnameOverride}" is not a valid DNS subdomain: ${fault}`)
    }
    return { hostname: truncated(hostnameOverride, pod.metadata.name), domain: '' }
  }
  if (hostname) requireDnsLabel(hostname, 'Hostname')
  if (subdomain) requireDnsLabel(subdomain, 'Subdomain')
  return {
    hostname: hostname || truncated(pod.metadata.name, pod.metadata.name),
    domain: subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : '',
  }
}

/**
 * What `hostname` prints in the Pod: with its domain under `setHostnameAsFQDN` (GetNodenameForKernel in
 * pkg/kubelet/util/util.go). Throws `invalid` for one that is too long, and what `podHostname` throws.
 */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  const { hostname, domain } = podHostname(pod, clusterDomain)
  if (domain === '' || pod.spec.setHostnameAsFQDN !== true) return hostname
  const full = `${hostname}.${domain}`
  if (full.length <= maxNodenameLength) return full
  throw notValid(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${maxNodenameLength} characters is the max, ${full.length} characters requested)`,
  )
}

function truncated(name: string, podName: string): string {
  if (name.length <= maxHostnameLength) return name
  const short = name.slice(0, maxHostnameLength).replace(/[-.]+$/, '')
  if (short === '') throw notValid(`hostname for pod "${podName}" was invalid: "${name}"`)
  return short
}

function requireDnsLabel(value: string, field: string): void {
  const fault = labelFault(value)
  if (fault !== undefined) throw notValid(`pod ${field} "${value}" is not a valid DNS label: ${fault}`)
}

function notValid(message: string): KubeletError {
  return new KubeletError('invalid', message)
}
