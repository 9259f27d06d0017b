import type { DockerHostConfig } from '../model/docker.ts'
import type { ContainerId } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'

export interface NamespaceFacts {
  readonly sandboxId: ContainerId
  /** The container whose PID namespace it joins instead of the Pod's. */
  readonly processesOf?: ContainerId | undefined
  /** The OCI runtime that joins the sandbox's UTS namespace (design, decision 7), where the daemon has it. */
  readonly runtime: string | undefined
}

type Namespaces = Pick<DockerHostConfig, 'NetworkMode' | 'IpcMode' | 'PidMode' | 'UTSMode' | 'Runtime'>

/** Whose namespaces a container joins. */
export function containerNamespaces(pod: Pod, facts: NamespaceFacts): Namespaces {
  const sandbox = `container:${facts.sandboxId}`
  return {
    NetworkMode: sandbox,
    IpcMode: sandbox,
    ...processes(pod, facts),
    ...(usesHostNetwork(pod) ? { UTSMode: 'host' } : runtime(facts)),
  }
}

function processes(pod: Pod, { sandboxId, processesOf }: NamespaceFacts): Pick<Namespaces, 'PidMode'> {
  if (processesOf !== undefined) return { PidMode: `container:${processesOf}` }
  // The pause is then PID 1 of them all, and reaps what nobody waits for.
  return pod.spec.shareProcessNamespace === true ? { PidMode: `container:${sandboxId}` } : {}
}

function runtime(facts: NamespaceFacts): Pick<Namespaces, 'Runtime'> {
  return facts.runtime === undefined ? {} : { Runtime: facts.runtime }
}
