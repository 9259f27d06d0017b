import type { DockerCreateRequest, DockerMount } from '../model/docker.ts'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'
import { kernelHostname } from './hostname.ts'
import { sandboxLabels, sandboxName } from './identity.ts'
import { sandboxNamespaces } from './namespaces.ts'
import { portBindings } from './ports.ts'
import { sandboxUser } from './security/run-as.ts'
import { refuseUserNamespace, sandboxSecurity } from './security/sandbox-security.ts'

/** How a Pod is run that names a RuntimeClass. */
export interface PodRuntime {
  /** The class' own word. */
  readonly handler: string
  /** Docker's OCI runtime; `undefined` for its default. */
  readonly runtime: string | undefined
}

export interface SandboxFacts {
  /** `undefined` where the Pod names no RuntimeClass. */
  readonly runtime: PodRuntime | undefined
  readonly nodeName: string
  readonly attempt: number
  /** The pause image: a name, digest or id that Docker has. */
  readonly image: string
  /** Docker's network of the Pods. */
  readonly network: string
  readonly clusterDomain: string
  /** The Pod's resolv.conf on the host; `undefined` where it says nothing, and Docker makes one. */
  readonly resolvConf: string | undefined
  /** The Pod's cgroup as Docker takes it; `undefined` where the agent makes none. */
  readonly cgroupParent: string | undefined
}

/** The kernel's least CPU weight, and a score that the OOM killer passes over: the pause must never be what goes. */
const sandboxCpuShares = 2
const sandboxOomScoreAdj = -998

/**
 * The pause container that holds a Pod's network, IPC and UTS namespaces (RunPodSandbox: dockershim's docker_sandbox.go,
 * cri-dockerd's core/sandbox_run.go). Throws `invalid` or `unsupported` for what cannot be.
 */
export function sandboxRequest(pod: Pod, facts: SandboxFacts): DockerCreateRequest {
  const { runtime } = facts
  refuseUserNamespace(pod, runtime?.handler)
  const ports = portBindings(pod)
  const user = sandboxUser(pod)
  return {
    name: sandboxName(pod, facts.attempt),
    body: {
      Image: facts.image,
      ...(user === undefined ? {} : { User: user }),
      ...(usesHostNetwork(pod) ? {} : { Hostname: kernelHostname(pod, facts.clusterDomain) }),
      ExposedPorts: Object.fromEntries(Object.keys(ports).map((key) => [key, {}])),
      Labels: sandboxLabels(pod, facts.nodeName, facts.attempt),
      HostConfig: {
        ...sandboxNamespaces(pod, facts.network),
        ...(runtime?.runtime === undefined ? {} : { Runtime: runtime.runtime }),
        RestartPolicy: { Name: 'no' },
        PortBindings: ports,
        ...(facts.resolvConf === undefined ? {} : { Mounts: [resolvConfMount(facts.resolvConf)] }),
        CpuShares: sandboxCpuShares,
        OomScoreAdj: sandboxOomScoreAdj,
        ...sandboxSecurity(pod),
        ...(facts.cgroupParent === undefined ? {} : { CgroupParent: facts.cgroupParent }),
      },
    },
  }
}

/**
 * A resolv.conf that is mounted in a container is that of all which join its network. Docker's own has its name server in
 * it, where the network is a user-defined one, and a comment or two; which daemon says what is no matter of the Pod's.
 */
function resolvConfMount(path: string): DockerMount {
  return { Type: 'bind', Source: path, Target: '/etc/resolv.conf' }
}
