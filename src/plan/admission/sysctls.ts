import type { Pod } from '../../model/kube.ts'
import { sysctlName, sysctlNamespace, sysctlPattern, type SysctlNamespace } from '../../model/sysctl.ts'
import type { Refusal } from './admission-facts.ts'

/** What any Pod may set, and the kernel that it takes (pkg/kubelet/sysctl/safe_sysctls.go). */
const safeSysctls: Readonly<Record<string, string>> = {
  'kernel.shm_rmid_forced': '0',
  'net.ipv4.ip_local_port_range': '0',
  'net.ipv4.tcp_syncookies': '0',
  'net.ipv4.ping_group_range': '0',
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ip_local_reserved_ports': '3.16',
  'net.ipv4.tcp_keepalive_time': '4.5',
  'net.ipv4.tcp_fin_timeout': '4.6',
  'net.ipv4.tcp_keepalive_intvl': '4.5',
  'net.ipv4.tcp_keepalive_probes': '4.5',
  'net.ipv4.tcp_rmem': '4.15',
  'net.ipv4.tcp_wmem': '4.15',
}

export interface SysctlFacts {
  /** Names and prefixes that end in `*`, allowed by the node's operator. */
  readonly unsafeSysctls: readonly string[]
  /** As `uname -r` says it, `6.1.0-13-amd64`; empty when nobody knows. */
  readonly kernelVersion: string
}

/** A Pod may set the sysctls that are safe or allowed, in namespaces of its own (pkg/kubelet/sysctl/allowlist.go). */
export function sysctlRefusal({ spec }: Pod, facts: SysctlFacts): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const fault = sysctlFault(sysctlName(name), spec, facts)
    if (fault !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${fault}` }
  }
  return undefined
}

function sysctlFault(name: string, spec: Pod['spec'], facts: SysctlFacts): string | undefined {
  const namespace = allowedNamespace(name, facts)
  if (namespace === undefined) return `"${name}" not allowlisted`
  const isHosts = namespace === 'IPC' ? spec.hostIPC : spec.hostNetwork
  return isHosts === true ? `"${name}" not allowed with host ${namespace} enabled` : undefined
}

/** The namespace of the entry that allows it; `undefined` when none does. */
function allowedNamespace(name: string, { unsafeSysctls, kernelVersion }: SysctlFacts): SysctlNamespace | undefined {
  const needed = Object.hasOwn(safeSysctls, name) ? safeSysctls[name] : undefined
  if (needed !== undefined && isAtLeast(kernelVersion, needed)) return sysctlNamespace(name)
  const patterns = unsafeSysctls.map(sysctlPattern)
  const fitting =
    patterns.find(({ start, isPrefix }) => !isPrefix && start === name) ??
    patterns.find(({ start, isPrefix }) => isPrefix && name.startsWith(start))
  return fitting === undefined ? undefined : sysctlNamespace(fitting.start)
}

/** Compares the numbers in front: distributions put all kinds of things behind them. */
function isAtLeast(version: string, needed: string): boolean {
  const [have, want] = [version, needed].map((text) => (/^\d+(?:\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number))
  for (const [index, part] of (want ?? []).entries()) {
    const other = have?.[index] ?? 0
    if (other !== part) return other > part
  }
  return true
}
