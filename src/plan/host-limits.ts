import type { ContainerSpec, Pod, PodSpec } from '../model/kube.ts'
import { ephemeralContainers, initContainers } from '../model/pod.ts'

/** A field that Docker passes over in silence because its host lacks what it takes. */
export interface HostLimit {
  /** As in `spec.containers[0].securityContext.seLinuxOptions`. */
  readonly path: string
  readonly lacking: 'SELinux' | 'seccomp'
}

type Context = ContainerSpec['securityContext'] | PodSpec['securityContext']

/**
 * What the Pod asks for that Docker's host cannot do and nobody refuses.
 *
 * @param securityOptions What Docker confines containers with: `seccomp`, `selinux`.
 */
export function hostLimits(pod: Pod, securityOptions: readonly string[]): readonly HostLimit[] {
  const named = (field: string, containers: readonly ContainerSpec[]): readonly HostLimit[] =>
    containers.flatMap(({ securityContext }, index) =>
      limitsOf(securityContext, `spec.${field}[${index}]`, securityOptions),
    )
  return [
    ...limitsOf(pod.spec.securityContext, 'spec', securityOptions),
    ...named('initContainers', initContainers(pod)),
    ...named('containers', pod.spec.containers),
    ...named('ephemeralContainers', ephemeralContainers(pod)),
  ]
}

function limitsOf(context: Context, path: string, securityOptions: readonly string[]): readonly HostLimit[] {
  const asksForLabel = Object.values(context?.seLinuxOptions ?? {}).some(Boolean)
  // A profile of the node's Docker refuses by itself.
  const asksForFilter = context?.seccompProfile?.type === 'RuntimeDefault'
  const at = `${path}.securityContext`
  return [
    ...(asksForLabel && !securityOptions.includes('selinux')
      ? [{ path: `${at}.seLinuxOptions`, lacking: 'SELinux' } as const]
      : []),
    ...(asksForFilter && !securityOptions.includes('seccomp')
      ? [{ path: `${at}.seccompProfile`, lacking: 'seccomp' } as const]
      : []),
  ]
}
