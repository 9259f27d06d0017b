import type { ContainerSpec, Pod } from '../../model/kube.ts'

type ContainerContext = NonNullable<ContainerSpec['securityContext']>

/** The members of a security context that a Pod may set for all of its containers. */
type Shared = 'runAsUser' | 'runAsGroup' | 'runAsNonRoot' | 'seLinuxOptions'

export type SharedContext = { readonly [Key in Shared]: ContainerContext[Key] | undefined }

/**
 * What holds for a container: its own word, else its Pod's (DetermineEffectiveSecurityContext in
 * pkg/securitycontext/util.go). All other members are a container's alone, or have an order of their own.
 */
export function effectiveContext(pod: Pod, { securityContext: own }: ContainerSpec): SharedContext {
  const shared = pod.spec.securityContext
  return {
    runAsUser: own?.runAsUser ?? shared?.runAsUser,
    runAsGroup: own?.runAsGroup ?? shared?.runAsGroup,
    runAsNonRoot: own?.runAsNonRoot ?? shared?.runAsNonRoot,
    // As a whole: the parts of two labels make no third.
    seLinuxOptions: own?.seLinuxOptions ?? shared?.seLinuxOptions,
  }
}
