import type { Pod } from '../model/kube.ts'
import type { ObservedPod, ObservedSandbox } from '../model/observed.ts'
import { usesHostNetwork } from '../model/pod.ts'

/** Whether a Pod's sandbox can carry its containers. */
export type SandboxDecision =
  | { readonly kind: 'ready'; readonly sandbox: ObservedSandbox }
  /** Created and not started yet: containers can already be created in it. */
  | { readonly kind: 'unstarted'; readonly sandbox: ObservedSandbox }
  /** There is none. */
  | { readonly kind: 'missing'; readonly attempt: number }
  /** There is one that is of no use (any more): whatever runs in it goes, and one with the next attempt takes its place. */
  | { readonly kind: 'changed'; readonly attempt: number; readonly reason: string }

/** The rule of the kubelet's `PodSandboxChanged` (pkg/kubelet/kuberuntime/util/util.go). */
export function decideSandbox(pod: Pod, observed: ObservedPod): SandboxDecision {
  const newest = observed.sandboxes[0]
  if (newest === undefined) return { kind: 'missing', attempt: 0 }
  const changed = (reason: string): SandboxDecision => ({ kind: 'changed', attempt: newest.attempt + 1, reason })
  if (observed.sandboxes.some((other) => other !== newest && other.state.phase === 'running')) {
    return changed('more than one sandbox runs')
  }
  if (newest.hostNetwork !== usesHostNetwork(pod)) return changed('the network mode of the Pod changed')
  switch (newest.state.phase) {
    case 'created':
      return { kind: 'unstarted', sandbox: newest }
    case 'exited':
      return changed('the sandbox does not run')
    case 'running':
      if (!newest.hostNetwork && newest.ips.length === 0) return changed('the sandbox has no IP')
      return { kind: 'ready', sandbox: newest }
    default:
      return newest.state satisfies never
  }
}
