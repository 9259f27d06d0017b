import type { DockerHostConfig } from '../../model/docker.ts'
import { KubeletError } from '../../model/errors.ts'
import type { Pod } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'
import { sysctlName } from '../../model/sysctl.ts'
import { supplementalGroups } from './groups.ts'
import { seLinuxOptions } from './se-linux.ts'

type Security = Pick<DockerHostConfig, 'SecurityOpt' | 'GroupAdd' | 'Privileged' | 'Sysctls'>

/**
 * What confines a sandbox: its Pod's label and groups, Docker's own seccomp profile whatever the containers ask for, and
 * privileges where one of them has some (generatePodSandboxLinuxConfig in pkg/kubelet/kuberuntime/kuberuntime_sandbox.go).
 * The Pod's sysctls are set on it, in the namespaces that the containers join.
 */
export function sandboxSecurity(pod: Pod): Security {
  const { seLinuxOptions: label, sysctls = [] } = pod.spec.securityContext ?? {}
  const isPrivileged = allContainers(pod).some(({ securityContext }) => securityContext?.privileged === true)
  return {
    SecurityOpt: [...seLinuxOptions(label), 'no-new-privileges'],
    ...supplementalGroups(pod),
    ...(isPrivileged ? { Privileged: true } : {}),
    ...(sysctls.length === 0
      ? {}
      : { Sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [sysctlName(name), value])) }),
  }
}

/**
 * Docker maps users for the whole daemon, not for one container: throws `unsupported` with the kubelet's text for a Pod
 * that asks for users of its own (pkg/kubelet/userns/userns_manager.go).
 *
 * @param handler Of the Pod's RuntimeClass.
 */
export function refuseUserNamespace({ spec }: Pod, handler: string | undefined): void {
  if (spec.hostUsers !== false) return
  const runtime = handler === undefined ? 'runtime' : `RuntimeClass handler ${JSON.stringify(handler)}`
  throw new KubeletError(
    'unsupported',
    `can't set \`spec.hostUsers: false\`, ${runtime} does not support user namespaces`,
  )
}
