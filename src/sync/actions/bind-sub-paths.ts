import { mountedImageVolumes } from '../../model/image-user.ts'
import type { ContainerSpec } from '../../model/kube.ts'
import type { ContainerFacts } from '../../translate/container-request.ts'
import { containerEnvironment } from '../../translate/environment/container-environment.ts'
import { subPathsOf, usesSubPaths } from '../../translate/sub-path.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * Has the parts of volumes shown that a container mounts which is about to be created. Costs nothing for one that mounts
 * whole volumes only. What it throws is why the container can't be made: as it is configured, or, of images, as
 * runtimes that mount them say, at all.
 */
export async function bindSubPaths(
  { context, pod, uid, phaseSignal }: SpecRun,
  container: ContainerSpec,
  facts: ContainerFacts,
  of: 'images' | 'others',
): Promise<void> {
  if (!usesSubPaths(container)) return
  const images = new Set(mountedImageVolumes(pod, container).map(({ name }) => name))
  const volumes = new Map([...facts.volumes].filter(([name]) => images.has(name) === (of === 'images')))
  const variables = containerEnvironment(pod, container, facts.environment)
  await context.volumes.bindSubPaths(subPathsOf(uid, container, { ...facts, volumes, variables }), phaseSignal)
}
