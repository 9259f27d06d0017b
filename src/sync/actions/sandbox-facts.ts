import { KubeletError } from '../../model/errors.ts'
import { podDns } from '../../translate/dns.ts'
import { resolvConfText } from '../../translate/resolv-conf.ts'
import type { SandboxFacts } from '../../translate/sandbox-request.ts'
import { allOf } from '../../util/all-of.ts'
import type { SpecRun } from '../pod-run.ts'
import { podRuntime } from './pod-runtime.ts'

/** Gathers what must be known before a sandbox is asked for, beside its Pod. What it throws is why there can be none. */
export async function sandboxFacts(run: SpecRun, attempt: number): Promise<SandboxFacts> {
  const { context, signal } = run
  const { nodeName, network, clusterDomain } = context
  const [image, resolvConf, cgroupParent, runtime] = await allOf([
    context.sandboxImage(signal),
    writeResolvConf(run),
    ensureCgroup(run),
    podRuntime(run),
  ])
  return { nodeName, attempt, image, network, clusterDomain, resolvConf, cgroupParent, runtime }
}

/** The file that the Pod's names are resolved by, and what of it is not as it was asked for, told. */
async function writeResolvConf({ context, pod, uid, emit }: SpecRun): Promise<string | undefined> {
  const { nodeIps, clusterDomain, clusterDns: clusterServers } = context
  const { conf, faults } = podDns(pod, { host: await context.hostDns(), nodeIps, clusterServers, clusterDomain })
  for (const fault of faults) {
    if (fault.kind === 'no-cluster-servers') emit({ kind: 'cluster-dns-missing' })
    else emit({ kind: 'dns-cut', line: fault.line, applied: fault.applied })
  }
  const text = resolvConfText(conf)
  return text === undefined ? undefined : context.files.writeResolvConf(uid, text)
}

/** The Pod's cgroup stands before anything is put into it. */
async function ensureCgroup({ context, memory, pod, uid, emit }: SpecRun): Promise<string | undefined> {
  memory.cgroupRemoved = false
  try {
    await context.files.makeDirectory(uid)
    return await context.cgroups.ensure(pod)
  } catch (error) {
    emit({ kind: 'cgroup-failed', message: KubeletError.from(error).message })
    throw error
  }
}
