import type { DockerCreateRequest, DockerHostConfig } from '../model/docker.ts'
import type { ImageId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { podRef } from '../model/pod.ts'
import { containerEnvironment, type EnvironmentFacts } from './environment/container-environment.ts'
import { expand } from './environment/expand.ts'
import { containerLabels, containerName } from './identity.ts'
import { logConfig, type LogFacts } from './log-options.ts'
import { containerMounts, type MountFacts } from './mounts.ts'
import { containerNamespaces, type NamespaceFacts } from './namespaces.ts'
import { containerLogPath } from './paths.ts'
import { containerResources, type ResourceFacts } from './resources/container-resources.ts'
import { containerSecurity, type SecurityFacts } from './security/container-security.ts'
import { containerUser } from './security/run-as.ts'

/** What of a container's making is not in the Pod. */
export interface ContainerFacts
  extends Omit<MountFacts, 'variables'>, NamespaceFacts, ResourceFacts, SecurityFacts, LogFacts {
  readonly nodeName: string
  readonly image: ImageId
  readonly environment: EnvironmentFacts
}

/**
 * One instance of one of the Pod's containers, joined to its sandbox's namespaces (CreateContainer: dockershim's
 * docker_container.go, cri-dockerd's core/container_create.go). Throws `invalid` or `unsupported` for what cannot be.
 */
export function containerRequest(pod: Pod, container: ContainerSpec, facts: ContainerFacts): DockerCreateRequest {
  const variables = containerEnvironment(pod, container, facts.environment)
  const expanded = (values: readonly string[] | undefined): readonly string[] =>
    (values ?? []).map((value) => expand(value, variables))
  const command = expanded(container.command)
  const args = expanded(container.args)
  return {
    name: containerName(pod, container.name, facts.attempt),
    body: {
      Image: facts.image,
      User: containerUser(pod, container, facts.imageUser),
      // An empty list would erase what the image brings: left out then.
      ...(command.length > 0 ? { Entrypoint: command } : {}),
      ...(args.length > 0 ? { Cmd: args } : {}),
      Env: [...variables].map(([name, value]) => `${name}=${value}`),
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
      HostConfig: hostConfig(pod, container, { ...facts, variables }),
    },
  }
}

function hostConfig(pod: Pod, container: ContainerSpec, facts: ContainerFacts & MountFacts): DockerHostConfig {
  const log = logConfig(facts)
  return {
    ...containerNamespaces(pod, facts),
    RestartPolicy: { Name: 'no' },
    ...(log === undefined ? {} : { LogConfig: log }),
    Mounts: containerMounts(pod, container, facts),
    ...containerSecurity(pod, container, facts),
    ...containerResources(pod, container, facts),
  }
}
