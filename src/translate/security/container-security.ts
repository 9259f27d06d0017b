import type { DockerHostConfig } from '../../model/docker.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import type { MountedVolume } from '../volumes/mounted-volume.ts'
import { appArmorOptions } from './app-armor.ts'
import { effectiveContext } from './effective-context.ts'
import { supplementalGroups } from './groups.ts'
import { procPaths } from './proc-mount.ts'
import { seccompOptions, seccompProfile, type SeccompFacts } from './seccomp.ts'
import { seLinuxOptions } from './se-linux.ts'

type Security = Pick<DockerHostConfig, 'SecurityOpt' | 'CapAdd' | 'CapDrop' | 'GroupAdd'> & Access
type Access = Pick<DockerHostConfig, 'Privileged' | 'ReadonlyRootfs' | 'MaskedPaths' | 'ReadonlyPaths'>

export interface SecurityFacts extends SeccompFacts {
  /** USER of the image, as it is written; empty for none. */
  readonly imageUser: string
  /** As `procPaths` takes them. */
  readonly throttlePaths: readonly string[]
  /** The Pod's volumes that have been set up, by name. */
  readonly volumes: ReadonlyMap<string, MountedVolume>
}

/**
 * What a container may do and what confines it, by its security context and its Pod's (applyContainerSecurityContext in
 * cri-dockerd's core/security_context.go). Throws `invalid` in the kubelet's words for what makes no sense.
 */
export function containerSecurity(pod: Pod, container: ContainerSpec, facts: SecurityFacts): Security {
  const context = container.securityContext ?? {}
  const isPrivileged = context.privileged === true
  return {
    SecurityOpt: [
      ...seLinuxOptions(effectiveContext(pod, container).seLinuxOptions),
      ...appArmorOptions(pod, container),
      ...(context.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
      ...seccompOptions(seccompProfile(pod, container, facts)),
    ],
    ...capabilities(context),
    ...supplementalGroups(pod, facts.volumes.values()),
    ...(isPrivileged ? { Privileged: true } : procPaths(context.procMount, facts.throttlePaths)),
    ...(context.readOnlyRootFilesystem === true ? { ReadonlyRootfs: true } : {}),
  }
}

/** To Docker's default set, in the words of the spec: `ALL` is known to both. */
function capabilities({
  capabilities: { add = [], drop = [] } = {},
}: NonNullable<ContainerSpec['securityContext']>): Pick<Security, 'CapAdd' | 'CapDrop'> {
  return { ...(add.length > 0 ? { CapAdd: add } : {}), ...(drop.length > 0 ? { CapDrop: drop } : {}) }
}
