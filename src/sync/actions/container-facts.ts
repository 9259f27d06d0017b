import type { PodAction } from '../../model/action.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { usesHostNetwork } from '../../model/pod.ts'
import type { ContainerFacts } from '../../translate/container-request.ts'
import { kernelHostname } from '../../translate/hostname.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import { allOf } from '../../util/all-of.ts'
import { containerRuntime } from '../../translate/namespaces.ts'
import { environmentFacts } from './environment-facts.ts'
import type { SpecRun } from '../pod-run.ts'

type CreateContainer = Extract<PodAction, { kind: 'create-container' }>

/**
 * Gathers what must be known before a container is asked for, beside its Pod. What it throws is why the container cannot
 * be made as it is configured: `CreateContainerConfigError`. `images` are those of its volumes that show one.
 */
export async function containerFacts(
  run: SpecRun,
  action: CreateContainer,
  images: ReadonlyMap<string, MountedVolume>,
): Promise<ContainerFacts> {
  const { context, memory, pod, signal } = run
  const { container, sandboxId, image, attempt, target } = action
  if (target !== undefined && target.id === undefined) {
    throw new KubeletError('invalid', `unable to find target container ${target.containerName}`)
  }
  // Of any other Pod the sandbox has been refused for it.
  if (usesHostNetwork(pod)) kernelHostname(pod, context.clusterDomain)
  const { nodeName, paths, utsRuntime: runtime, cpuPeriodUs, seccompDefault, throttlePaths } = context
  const [known, environment] = await allOf([
    // Whoever found the image has seen whom it runs as.
    context.images.seen(image) ?? context.images.find(image, signal),
    environmentFacts(run, container),
  ])
  const security = { imageUser: known?.user ?? '', seccompDefault, throttlePaths }
  const resources = {
    nodeMemoryBytes: context.daemon.memoryBytes,
    cpuPeriodUs,
    cgroupParent: await context.cgroups.ensure(pod),
    gpus: context.gpus.take(pod, container),
  }
  const logs = { logRotation: context.logRotation, loggingDriver: context.daemon.loggingDriver }
  const namespaces = { sandboxId, runtime, classRuntime: classRuntime(run, sandboxId), processesOf: target?.id }
  const mounted = images.size === 0 ? memory.mountedVolumes : new Map([...memory.mountedVolumes, ...images])
  const volumes = { volumes: mounted, recursiveReadOnly: canMountRecursiveReadOnly(run, sandboxId) }
  const made = { nodeName, attempt, image, paths, ...volumes, ...namespaces }
  return { ...made, environment, ...resources, ...security, ...logs }
}

/** Whether the runtime of the Pod's containers can make a mount read-only together with what is mounted beneath it. */
export function canMountRecursiveReadOnly(run: SpecRun, sandboxId: ContainerId | undefined): boolean {
  const { daemon, utsRuntime: runtime } = run.context
  const chosen = containerRuntime(run.pod, { runtime, classRuntime: classRuntime(run, sandboxId) })
  return daemon.recursiveReadOnlyRuntimes.includes(chosen ?? daemon.defaultRuntime)
}

/** Not asked of the class anew: it may have gone, and the sandbox stays. */
function classRuntime({ context, pod, uid }: SpecRun, sandboxId: ContainerId | undefined): string | undefined {
  if (!pod.spec.runtimeClassName) return undefined
  const { runtime = '' } = context.observed.get(uid).sandboxes.find(({ id }) => id === sandboxId) ?? {}
  return runtime === '' || runtime === context.daemon.defaultRuntime ? undefined : runtime
}
