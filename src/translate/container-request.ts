import type { DockerCreateRequest, DockerHostConfig } from '../model/docker.ts'
import type { ContainerId, ImageId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { podRef, usesHostNetwork } from '../model/pod.ts'
import { containerEnvironment, expand } from './environment.ts'
import { containerLabels, containerName } from './identity.ts'
import { containerMounts } from './mounts.ts'
import { containerLogPath, type NodePaths } from './paths.ts'

export interface ContainerFacts {
  readonly nodeName: string
  readonly sandboxId: ContainerId
  readonly attempt: number
  readonly image: ImageId
  /** The container whose PID namespace it joins instead of the Pod's. */
  readonly processesOf?: ContainerId | undefined
  readonly paths: NodePaths
  /** The OCI runtime that joins the sandbox's UTS namespace (design, decision 7), where the daemon has it. */
  readonly runtime: string | undefined
}

/**
 * One instance of one of the Pod's containers, joined to its sandbox's namespaces (CreateContainer: dockershim's
 * docker_container.go, cri-dockerd's core/container_create.go). Throws `invalid` or `unsupported` for what cannot be.
 */
export function containerRequest(pod: Pod, container: ContainerSpec, facts: ContainerFacts): DockerCreateRequest {
  const environment = containerEnvironment(container)
  const expanded = (values: readonly string[] | undefined): readonly string[] =>
    (values ?? []).map((value) => expand(value, environment))
  const command = expanded(container.command)
  const args = expanded(container.args)
  return {
    name: containerName(pod, container.name, facts.attempt),
    body: {
      Image: facts.image,
      // An empty list would erase what the image brings: left out then.
      ...(command.length > 0 ? { Entrypoint: command } : {}),
      ...(args.length > 0 ? { Cmd: args } : {}),
      Env: [...environment].map(([name, value]) => `${name}=${value}`),
      ...(container.workingDir ? { WorkingDir: container.workingDir } : {}),
      OpenStdin: container.stdin === true,
      StdinOnce: container.stdinOnce === true,
      Tty: container.tty === true,
      ...(container.lifecycle?.stopSignal ? { StopSignal: container.lifecycle.stopSignal } : {}),
      // The kubelet's probes judge a container, not the image's HEALTHCHECK.
      Healthcheck: { Test: ['NONE'] },
      Labels: containerLabels(pod, container, {
        nodeName: facts.nodeName,
        sandboxId: facts.sandboxId,
        attempt: facts.attempt,
        logPath: containerLogPath(facts.paths, podRef(pod), container.name, facts.attempt),
      }),
      HostConfig: hostConfig(pod, container, facts),
    },
  }
}

function hostConfig(pod: Pod, container: ContainerSpec, facts: ContainerFacts): DockerHostConfig {
  const sandbox = `container:${facts.sandboxId}`
  const namespaces = { NetworkMode: sandbox, IpcMode: sandbox }
  return {
    ...namespaces,
    ...processes(pod, facts),
    ...(usesHostNetwork(pod) ? { UTSMode: 'host' } : runtime(facts)),
    RestartPolicy: { Name: 'no' },
    Mounts: containerMounts(pod, container, facts.attempt, facts.paths),
    // Docker confines by default, Kubernetes only when asked to (pkg/kubelet/kuberuntime/helpers.go, fieldSeccompProfile).
    SecurityOpt: ['seccomp=unconfined'],
    ...capabilities(container),
  }
}

/** To Docker's default set, in the words of the spec: `ALL` is known to both. */
function capabilities({ securityContext }: ContainerSpec): Pick<DockerHostConfig, 'CapAdd' | 'CapDrop'> {
  const { add = [], drop = [] } = securityContext?.capabilities ?? {}
  return { ...(add.length > 0 ? { CapAdd: add } : {}), ...(drop.length > 0 ? { CapDrop: drop } : {}) }
}

function processes(pod: Pod, { sandboxId, processesOf }: ContainerFacts): { readonly PidMode?: string } {
  if (processesOf !== undefined) return { PidMode: `container:${processesOf}` }
  // The pause is then PID 1 of them all, and reaps what nobody waits for.
  return pod.spec.shareProcessNamespace === true ? { PidMode: `container:${sandboxId}` } : {}
}

function runtime(facts: ContainerFacts): { readonly Runtime?: string } {
  return facts.runtime === undefined ? {} : { Runtime: facts.runtime }
}
