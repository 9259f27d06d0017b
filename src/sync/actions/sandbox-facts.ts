import { podDns } from '../../translate/dns.ts'
import type { SandboxFacts } from '../../translate/sandbox-request.ts'
import type { SpecRun } from '../pod-run.ts'

/** Gathers what must be known before a sandbox is asked for, beside its Pod. What it throws is why there can be none. */
export async function sandboxFacts({ context, pod, signal }: SpecRun, attempt: number): Promise<SandboxFacts> {
  const { nodeName, clusterDomain, clusterDns: clusterServers } = context
  const [image, host] = await Promise.all([context.sandboxImage(signal), context.hostDns(signal)])
  return { nodeName, attempt, image, clusterDomain, dns: podDns(pod, { host, clusterServers, clusterDomain }) }
}
