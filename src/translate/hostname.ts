import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { labelFault } from '../util/names.ts'

const maxLabelLength = 63

export interface PodHostname {
  readonly hostname: string
  /** `<subdomain>.<namespace>.svc.<cluster domain>`, empty without a subdomain. */
  readonly domain: string
}

/**
 * The names of a Pod inside its network (GeneratePodHostNameAndDomain in pkg/kubelet/kubelet_pods.go): `spec.hostname`,
 * else the Pod's name cut to 63 characters. Throws `invalid` when one of them is no DNS label.
 */
export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { hostname, subdomain } = pod.spec
  if (hostname) requireDnsLabel(hostname, 'Hostname')
  if (subdomain) requireDnsLabel(subdomain, 'Subdomain')
  return {
    hostname: hostname || truncated(pod.metadata.name),
    domain: subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : '',
  }
}

function truncated(name: string): string {
  const short = name.slice(0, maxLabelLength).replace(/[-.]+$/, '')
  if (short === '') throw new KubeletError('invalid', `hostname for pod "${name}" was invalid: "${name}"`)
  return short
}

function requireDnsLabel(value: string, field: string): void {
  const fault = labelFault(value)
  if (fault !== undefined)
    throw new KubeletError('invalid', `pod ${field} "${value}" is not a valid DNS label: ${fault}`)
}
