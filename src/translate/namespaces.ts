import type { DockerHostConfig } from '../model/docker.ts'
import type { ContainerId } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'

export interface NamespaceFacts {
  readonly sandboxId: ContainerId
  /** The container whose PID namespace it joins instead of the Pod's. */
  readonly processesOf?: ContainerId | undefined
  /** The OCI runtime that joins the sandbox's UTS namespace (deploy/README.md), where the daemon has it. */
  readonly runtime: string | undefined
  /** The OCI runtime that the Pod's sandbox runs with by its RuntimeClass, which its containers take too. */
  readonly classRuntime?: string | undefined
}

type Namespaces = Pick<DockerHostConfig, 'NetworkMode' | 'IpcMode' | 'PidMode' | 'UTSMode' | 'Runtime'>

/**
 * The namespaces that a Pod's sandbox holds for its containers, or takes over from the host. `network`: Docker's network
 * of the Pods.
 */
export function sandboxNamespaces(pod: Pod, network: string): Pick<Namespaces, 'NetworkMode' | 'IpcMode' | 'PidMode'> {
  return {
    NetworkMode: usesHostNetwork(pod) ? 'host' : network,
    // Not Docker's default `private`: the Pod's containers are to join it.
    IpcMode: pod.spec.hostIPC === true ? 'host' : 'shareable',
    ...(pod.spec.hostPID === true ? { PidMode: 'host' } : {}),
  }
}

/** Whose namespaces a container joins: the sandbox's IPC namespace is the host's where the Pod asks for that. */
export function containerNamespaces(pod: Pod, facts: NamespaceFacts): Namespaces {
  const sandbox = `container:${facts.sandboxId}`
  return {
    NetworkMode: sandbox,
    IpcMode: sandbox,
    ...processes(pod, facts),
    ...(usesHostNetwork(pod) ? { UTSMode: 'host' } : {}),
    ...runtimeField(pod, facts),
  }
}

/** A container whose processes another is to see matters only where it has some of its own. */
function processes(pod: Pod, { sandboxId, processesOf }: NamespaceFacts): Pick<Namespaces, 'PidMode'> {
  if (pod.spec.hostPID === true) return { PidMode: 'host' }
  // The pause is then PID 1 of them all, and reaps what nobody waits for.
  if (pod.spec.shareProcessNamespace === true) return { PidMode: `container:${sandboxId}` }
  return processesOf === undefined ? {} : { PidMode: `container:${processesOf}` }
}

/** Only runc joins a UTS namespace: where the Pod's class asks for another, its containers get a copy of its hostname. */
/** The OCI runtime that the Pod's containers run with; `undefined` for Docker's default one. */
export function containerRuntime(
  pod: Pod,
  { classRuntime, runtime }: Pick<NamespaceFacts, 'classRuntime' | 'runtime'>,
): string | undefined {
  return classRuntime ?? (usesHostNetwork(pod) ? undefined : runtime)
}

function runtimeField(pod: Pod, facts: NamespaceFacts): Pick<Namespaces, 'Runtime'> {
  const chosen = containerRuntime(pod, facts)
  return chosen === undefined ? {} : { Runtime: chosen }
}
