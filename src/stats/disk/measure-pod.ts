import { join, resolve } from 'node:path'
import type { PodUse } from '../../eviction/usage/pod-usage.ts'
import type { Pod } from '../../model/kube.ts'
import { hostsFilePath, type NodePaths } from '../../translate/paths.ts'
import type { ContainerPlaces } from '../container-places.ts'
import type { RunningContainer } from '../running-pods.ts'
import { measureFolder, measureLog } from './measure-folder.ts'
import { measuredVolumes } from './measured-volumes.ts'

export interface MeasurePodOptions {
  readonly paths: NodePaths
  /** Docker's data root; `undefined` where that is not on this host. */
  readonly dockerRoot: string | undefined
  readonly places: ContainerPlaces
}

/**
 * What a Pod has on disks of this host now: its containers' layers and logs, what is in its volumes, and its file of hosts,
 * one after the other. What cannot be measured is left out. Never rejects.
 */
export async function measurePod(
  pod: Pod,
  running: readonly RunningContainer[],
  { paths, dockerRoot, places }: MeasurePodOptions,
  signal: AbortSignal,
): Promise<Omit<PodUse, 'memory' | 'processes'>> {
  const containers: PodUse['containers'][number][] = []
  for (const container of dockerRoot === undefined ? [] : running) {
    const { id, name } = container
    const layer = places.find(container)?.upperFolder
    // Docker mounts many layers by paths that are relative to where it keeps them.
    const rootfs = layer === undefined ? undefined : resolve(dockerRoot ?? '', 'overlay2', layer)
    containers.push({
      name,
      memory: undefined,
      rootfs: rootfs === undefined ? undefined : await measureFolder(rootfs, signal),
      logs: measureLog(join(dockerRoot ?? '', 'containers', id)),
    })
  }
  const volumes: PodUse['volumes'][number][] = []
  for (const { name, isLocalEphemeral, path } of measuredVolumes(pod, new Map(), paths)) {
    const used = isLocalEphemeral ? await measureFolder(path, signal) : undefined
    if (used !== undefined) volumes.push({ name, isLocalEphemeral, ...used })
  }
  return { containers, volumes, hostsFile: await measureFolder(hostsFilePath(paths, pod.metadata.uid), signal) }
}
