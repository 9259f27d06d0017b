import type { DockerHostConfig } from '../model/docker.ts'
import type { ContainerSpec } from '../model/kube.ts'

type Security = Pick<DockerHostConfig, 'SecurityOpt' | 'CapAdd' | 'CapDrop'>

/** What a container may do and what confines it, by its security context. */
export function containerSecurity(container: ContainerSpec): Security {
  return {
    // Docker confines by default, Kubernetes only when asked to (pkg/kubelet/kuberuntime/helpers.go, fieldSeccompProfile).
    SecurityOpt: ['seccomp=unconfined'],
    ...capabilities(container),
  }
}

/** To Docker's default set, in the words of the spec: `ALL` is known to both. */
function capabilities({ securityContext }: ContainerSpec): Pick<Security, 'CapAdd' | 'CapDrop'> {
  const { add = [], drop = [] } = securityContext?.capabilities ?? {}
  return { ...(add.length > 0 ? { CapAdd: add } : {}), ...(drop.length > 0 ? { CapDrop: drop } : {}) }
}
